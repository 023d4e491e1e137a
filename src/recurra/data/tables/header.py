"""What the first row of a table says about how the file is written: another delimiter, or no header."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from recurra.data.tables.table import Table
from recurra.errors import ColumnError

MARKS = {";": "';'", "\t": r"'\t'", "|": "'|'", ",": "','"}
"""Characters that separate fields, and how they are written in a shell."""

FIRST = 20
"""Lines that are looked at for a delimiter."""
ROWS = 1_000
"""Rows that are compared with the header."""
WORDS = 4
SENTENCE, KNOWN = 7, 2 / 3
LONG = 12
"""Words from which a name is rather a text: if all of them are in the texts below it; if that share is; in any case."""
NO_DELIMITERS = " _-.()[]/&+#%?!'\"`"
"""Characters that are usual in names of columns."""


def delimiter_hint(columns: Sequence[str]) -> str:
    """Return a sentence on the delimiter that the names of columns hold, if they seem to hold one; else ""."""
    header = "".join(columns)
    for mark, shown in MARKS.items():
        if header.count(mark) >= max(1, len(columns)):
            read = "one column" if len(columns) == 1 else f"{len(columns)} columns"
            return f" The header was read as {read}; if {shown} separates fields, give `--delimiter {shown}`."
    quotes = {name[0] for name in columns if len(name) > 2 and name[0] == name[-1] and name[0] in "'\"`"}
    if len(quotes) == 1 and all(name[:1] in quotes and name[-1:] in quotes for name in columns):
        quote = quotes.pop()
        shown = f"'{quote}'" if quote != "'" else f'"{quote}"'
        return f" The names are in quotes; if all fields are, give `--quote {shown}`."
    for mark in dict.fromkeys(header) if len(columns) == 1 else ():
        if not mark.isalnum() and mark not in NO_DELIMITERS and mark.isprintable() and all(header.split(mark)):
            shown = f"'{mark}'"
            return f" The header was read as one column; if {shown} separates fields, give `--delimiter {shown}`."
    return ""


def unsplit_hint(table: Table) -> str:
    """Return a sentence on the delimiter of lines that were read as one field each; "" where they have none.

    Lines of a text file are a table where all have the same number of tabs, semicolons or bars; those of a table of one
    column without a header where all have the same number of commas, too.
    """
    alone = "header" in table.heeds and len(table.columns) == 1 and not table.dialect.header
    if table.format != "txt" and not alone:
        return ""
    lines = [line for (line,) in table.head(FIRST) if line and line.strip()]
    for mark, shown in MARKS.items():
        counts = {line.count(mark) for line in lines}
        if (
            (alone or mark != ",")
            and len(lines) > (1 if alone or mark == "\t" else 3)
            and len(counts) == 1
            and counts.pop()
        ):
            return f" Every line has fields with {shown} between; to read them as a table, give `--delimiter {shown}`."
    return ""


def check_lines(table: Table, names: Collection[str | None]) -> None:
    """Raise ColumnError where the lines of a text file are rather the rows of a table: all of the first ones hold a
    delimiter, and the first has one of the names of columns between two.
    """
    if table.format != "txt":
        return
    known = {name.strip().casefold() for name in names if name}
    lines = [line for (line,) in table.head(FIRST) if line and line.strip()]
    for mark, shown in MARKS.items():
        fields = {field.strip(" \"'\ufeff").casefold() for field in lines[0].split(mark)} if lines else set()
        if len(fields) > 1 and fields & known and all(mark in line for line in lines):
            raise ColumnError(
                f"{table.path} is read as one text a line, but its first line names columns, with {shown} between. To "
                f"read it as a table, give `--delimiter {shown}`; if it is no table, remove that line."
            )


def looks_like_data(table: Table, known: Collection[str] = ()) -> bool:
    """Return whether the header of a delimited table is rather its first row: a name that is a value of its own
    column in other rows, a text of words that the rows below have too, or a text of many words.

    Reads the first ROWS rows. known: usual names of columns in lower case; where one is there, only texts count. False
    where the file was said to have no header, or names a column twice.
    """
    columns = table.columns
    if "header" not in table.heeds or not table.dialect.header or len(set(columns)) < len(columns):
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
    if len(words) < WORDS:
        return False
    below = {word for value in values for word in value.casefold().split()}
    unknown = set(words) - below
    return not unknown or (len(words) >= SENTENCE and len(unknown) <= (1 - KNOWN) * len(set(words)))


def header_hint(table: Table, known: Collection[str] = ()) -> str:
    """Return a sentence on the header that seems to be the first row; "" where it does not."""
    if not looks_like_data(table, known):
        return ""
    return (
        " The first row looks like data, not like names of columns: if it is, give --no-header; the columns are then "
        + ("column0." if len(table.columns) == 1 else f"column0 to column{len(table.columns) - 1}.")
    )
