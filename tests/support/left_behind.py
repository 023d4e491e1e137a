"""What a stopped run left behind, and its damage."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from hypothesis import strategies as st

from support.damage import altered, damaged


@dataclass(frozen=True)
class Stopped:
    """A folder with the input of a run and what it left when it was stopped. result: what it gives without a stop."""

    folder: Path
    left: str
    result: bytes


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@st.composite
def damage(draw: st.DrawFn, folder: Path) -> tuple[str, bytes | None]:
    """Draw the name of a file below `folder`, and what it is to hold instead; None where it is to go."""
    files = content(folder)
    name = draw(st.sampled_from(sorted(files)))
    if draw(st.integers(0, 9)) == 0:
        return name, None
    if name.endswith(".json") and draw(st.booleans()):
        return name, json.dumps(draw(altered(json.loads(files[name])))).encode("utf-8", "surrogatepass")
    return name, draw(damaged(files[name]))


def put(folder: Path, name: str, changed: bytes | None) -> None:
    if changed is None:
        (folder / name).unlink()
    else:
        (folder / name).write_bytes(changed)
