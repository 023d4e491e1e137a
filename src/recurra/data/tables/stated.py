"""The dialect that options state, and the options that say nothing about the files they are given with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from pathlib import Path

from recurra.data.tables.kinds import SUFFIXES
from recurra.data.tables.location import files_of
from recurra.data.tables.packed import plain_name
from recurra.data.tables.readers import READERS, format_of
from recurra.data.tables.table import Dialect
from recurra.errors import OptionError, ReadError
from recurra.options.base import flag
from recurra.options.reading import EncodingOptions

FIELDS = tuple(field.name for field in fields(Dialect))
OF_ONE_FILE = ("format", "sheet", "sql")
"""Fields that say what one file is, and nothing of others like it."""

_WHY = {
    "parquet": "a Parquet file says itself how it is written",
    "jsonl": "JSON lines have no such thing",
    "json": "JSON has no such thing",
    "csv": "a text file has no such thing",
    "tsv": "a text file has no such thing",
    "xlsx": "a workbook says itself how it is written",
    "sqlite": "a database says itself how it is written",
    "duckdb": "a database says itself how it is written",
    "folder": "in a folder each file is a text",
    "arrow": "a saved data set says itself how it is written",
    "dataset": "a folder of Parquet or Arrow files says itself how it is written",
    "named": "a named data set is read as it is written",
    "lines": "it is read as one text a line",
    "txt": "it is read as one text a line",
    "fasttext": "it is read as one text a line, after its label",
}
_OTHER_KINDS: dict[str, tuple[str, ...]] = {"named": (), "lines": ("encoding",)}
"""What is heeded where a file is not read by its name."""


def dialect_of(options: EncodingOptions) -> Dialect:
    """Return the dialect that options state. Raises OptionError for what cannot be one."""
    return Dialect(**options.model_dump(include=set(FIELDS)))


def stated(options: EncodingOptions) -> set[str]:
    """Return the names of the fields of a dialect that were given, not left to their defaults."""
    return options.model_fields_set & set(FIELDS)


def check_heeded(
    options: EncodingOptions, files: Iterable[Path | str], kinds: Mapping[Path, str] | None = None
) -> None:
    """Raise OptionError for an option of the dialect that says nothing about any of `files`.

    kinds: "lines" for those that are read as one text a line whatever their names, "named" for named data sets.
    """
    given = stated(options)
    if not given:
        return
    dialect = dialect_of(options)
    unheeded = []
    for path in map(Path, files):
        try:
            kind = (kinds or {}).get(path) or format_of(path, dialect)
        except ReadError:
            return  # the reader will say so
        rest = given - set(_OTHER_KINDS[kind] if kind in _OTHER_KINDS else READERS[kind].heeds)
        rest -= set() if kind in (*_OTHER_KINDS, "folder", "arrow", "dataset") else {"format"}
        if not rest:
            return
        unheeded.append((path, kind, rest))
    if unheeded:
        path, kind, rest = unheeded[0]
        table = kind in ("txt", "fasttext") and "delimiter" not in given
        step = "Omit it, or give --delimiter too, to read the lines as a table." if table else "Omit it."
        names = [name for name in FIELDS if name in rest]
        shown = " and ".join("--no-header" if n == "header" and not dialect.header else flag(n) for n in names)
        verb = "does" if len(names) == 1 else "do"
        raise OptionError(f"{shown} {verb} nothing for {path}: {_WHY[kind]}. {step}")


def named(path: Path | str) -> str | None:
    """Return the format that a file's name promises, by its suffix, that of the first of several; None for a folder or
    an unknown suffix."""
    path = files_of(Path(path))[0]
    return None if path.is_dir() else SUFFIXES.get(Path(plain_name(path)).suffix)
