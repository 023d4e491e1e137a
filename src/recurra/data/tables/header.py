"""What the first row of a table says about how the file is written: another delimiter, or no header."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from recurra.data.tables.csv_table import CsvTable
from recurra.data.tables.table import Table

MARKS = {";": "';'", "\t": r"'\t'", "|": "'|'", ",": "','"}
"""Characters that separate fields, and how they are written in a shell."""

FIRST = 20
"""Lines that are looked at for a delimiter."""
ROWS = 1_000
"""Rows that are compared with the header."""
WORDS = 4
LONG = 12
"""Words from which a name is rather a text: if all of them are in the texts below it; in any case."""


def delimiter_hint(columns: Sequence[str]) -> str:
    """Return a sentence on the delimiter that the names of columns hold, if they seem to hold one; else ""."""
    header = "".join(columns)
    for mark, shown in MARKS.items():
        if header.count(mark) >= max(1, len(columns)):
            read = "one column" if len(columns) == 1 else f"{len(columns)} columns"
            return f" The header was read as {read}; if {shown} separates fields, give `--delimiter {shown}`."
    return ""


def unsplit_hint(table: Table) -> str:
    """Return a sentence on the delimiter of lines that were read as one field each; "" where they have none.

    Lines of a text file are a table where all have the same number of tabs; those of a table of one column without a
    header where all have the same number of another mark, too.
    """
    alone = isinstance(table, CsvTable) and len(table.columns) == 1 and not table.dialect.header
    if table.format != "txt" and not alone:
        return ""
    lines = [line for (line,) in table.head(FIRST) if line and line.strip()]
    for mark, shown in MARKS.items():
        counts = {line.count(mark) for line in lines}
        if (alone or mark == "\t") and len(lines) > 1 and len(counts) == 1 and counts.pop():
            return f" Every line has fields with {shown} between; to read them as a table, give `--delimiter {shown}`."
    return ""


def looks_like_data(table: Table, known: Collection[str] = ()) -> bool:
    """Return whether the header of a delimited table is rather its first row: a name that is a value of its own
    column in other rows, a text of words that the rows below have too, or a text of many words.

    Reads the first ROWS rows. known: usual names of columns in lower case; where one is there, only texts count. False
    where the file was said to have no header, or names a column twice.
    """
    columns = table.columns
    if not isinstance(table, CsvTable) or not table.dialect.header or len(set(columns)) < len(columns):
        return False
    rows = [row for row in table.head(ROWS) if row != columns]
    texts_only = any(name.strip().casefold() in known for name in columns)
    return any(_is_value(name, [row[place] or "" for row in rows], texts_only) for place, name in enumerate(columns))


def _is_value(name: str, values: Sequence[str], texts_only: bool) -> bool:
    """Return whether the name of a column is rather a value of it."""
    words = name.casefold().split()
    if not words:
        return False
    if len(words) >= LONG or (name in values and not texts_only):
        return True
    return len(words) >= WORDS and set(words) <= {word for value in values for word in value.casefold().split()}


def header_hint(table: Table, known: Collection[str] = ()) -> str:
    """Return a sentence on the header that seems to be the first row; "" where it does not."""
    if not looks_like_data(table, known):
        return ""
    return (
        " The first row looks like data, not like names of columns: if it is, give --no-header; the columns are then "
        + ("column0." if len(table.columns) == 1 else f"column0 to column{len(table.columns) - 1}.")
    )
