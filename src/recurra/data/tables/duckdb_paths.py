"""Paths, texts and names as DuckDB takes them: `*`, `?` and `[` in a path would be expanded, quotes would end it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def duckdb_path(path: Path) -> Iterator[Path]:
    """Give another path to a file or folder, without characters that DuckDB would expand."""
    with tempfile.TemporaryDirectory(prefix="recurra-") as directory:
        link = Path(directory) / "linked"
        link.symlink_to(path.absolute())
        yield link


def sql_literal(text: str | Path) -> str:
    """Return a path or a text as SQL; a NUL, which SQL text cannot hold, is spelled out."""
    return " || chr(0) || ".join("'" + part.replace("'", "''") + "'" for part in str(text).split("\0"))


def sql_name(name: str) -> str:
    """Return the name of a column as SQL."""
    return '"' + name.replace('"', '""') + '"'
