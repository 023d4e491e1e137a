"""Modules and files that docstrings, comments and documentation name are there."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "recurra"
FILES = {
    str(path.relative_to(ROOT))
    for folder in ("src", "tests", "benchmarks", "docs")
    for path in (ROOT / folder).rglob("*.py")
}
FILES |= {path.name for path in ROOT.glob("*.py")}

PAGES = [
    *sorted(SOURCE.rglob("*.py")),
    *(p for p in sorted((ROOT / "docs").rglob("*.md")) if "decisions" not in p.parts),
]


def _dotted(text: str) -> Iterator[str]:
    """Yield the names below `recurra` between back quotes."""
    for match in re.finditer(r"`(recurra(?:\.\w+)+)(?:\(\))?`", text):
        yield match[1]


def _resolves(name: str) -> bool:
    """Return whether a dotted name is a module, or something in one."""
    parts = name.split(".")
    for known in range(len(parts), 0, -1):
        try:
            value = importlib.import_module(".".join(parts[:known]))
        except ImportError:
            continue
        for part in parts[known:]:
            if not hasattr(value, part):
                return False
            value = getattr(value, part)
        return True
    return False


def test_names_are_there() -> None:
    missing = [
        (str(page.relative_to(ROOT)), name)
        for page in PAGES
        for name in _dotted(page.read_text(encoding="utf-8"))
        if not _resolves(name)
    ]
    assert missing == []


def test_files_are_there() -> None:
    missing = [
        (str(page.relative_to(ROOT)), name)
        for page in sorted(SOURCE.rglob("*.py"))
        for name in re.findall(r"`((?:\w+/)*\w+\.py)`", page.read_text(encoding="utf-8"))
        if not any(f"/{file}".endswith(f"/{name}") for file in FILES)
    ]
    assert missing == []
