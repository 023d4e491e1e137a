"""The recorded result: one JSON object that names no place on the machine."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

PLACE = re.compile(r"(?:(?<=[\s'\"(=:])|^)~?/(?:[^\s'\":,/]+/)*([^\s'\":,/]+)/?")
"""A path from the root or the home folder; the group is its last name."""


def without_places(value: Any) -> Any:
    """Return `value`, JSON of any depth, with the last name alone of every path in its strings."""
    if isinstance(value, dict):
        return {key: without_places(item) for key, item in value.items()}
    if isinstance(value, list):
        return [without_places(item) for item in value]
    return PLACE.sub(r"\1", value) if isinstance(value, str) else value


def merged(old: dict[str, Any] | None, new: dict[str, Any]) -> dict[str, Any]:
    """Return `new` with the parts of `old` that it does not have, if both come from one machine and equal versions.

    Each has {"machine", "versions", "metrics", "parts"}; a part is a key of both "metrics" and "parts".
    """
    if old is None or old["machine"] != new["machine"]:
        return new
    shared = old["versions"].keys() & new["versions"].keys()
    if any(old["versions"][name] != new["versions"][name] for name in shared):
        return new
    return new | {
        "versions": dict(sorted((old["versions"] | new["versions"]).items())),
        "parts": old["parts"] | new["parts"],
        "metrics": old["metrics"] | new["metrics"],
    }


def read(path: Path) -> dict[str, Any] | None:
    """Return a recorded result, or None where there is none."""
    if not path.exists():
        return None
    result: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return result


def write(path: Path, result: dict[str, Any]) -> None:
    """Write a result."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(without_places(result), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
