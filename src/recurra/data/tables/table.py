"""What every reader is: a table of named columns whose rows come in file order, in batches, with the text unaltered."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from copy import copy
from dataclasses import dataclass
from itertools import combinations, islice
from pathlib import Path
from typing import Literal

from recurra.data.tables.rejects import Rejects, RejectsOfFile
from recurra.errors import ColumnError, OptionError, ReadError, brief, did_you_mean

BadRows = Literal["stop", "skip"]
Row = tuple[str | None, ...]
"""The values of a row: text as it is written, or None for a null. What else they mean, such as a number or a label, is
defined by the task. A table that has columns of lists names them in `lists`."""

BATCH_ROWS = 1024


@dataclass(frozen=True)
class Dialect:
    """How a text file is written. It is stated, never sniffed.

    delimiter: one character; None is a comma for .csv and a tab for .tsv.
    quote: one character; None is '"' for .csv and no quoting at all for .tsv; "" is no quoting.
    escape: a character that makes the next one text, also a quote; None for none.
    header: whether the first row names the columns; without one they are column0, column1 ...
    encoding: a name that Python knows.
    format: the name in READERS of what reads the file; None for what its name says.
    sheet: of a workbook; None for the only one with anything in it.
    sql: the SELECT whose rows are read from a database; None for those of its only table.
    Raises OptionError for what cannot be a dialect.
    """

    delimiter: str | None = None
    quote: str | None = None
    header: bool = True
    encoding: str = "utf-8"
    escape: str | None = None
    format: str | None = None
    sheet: str | None = None
    sql: str | None = None

    def __post_init__(self) -> None:
        marks = {"delimiter": self.delimiter, "quote": self.quote, "escape": self.escape}
        for name, value in marks.items():
            if value is None or (value == "" and name == "quote"):
                continue
            if len(value) != 1 or value in "\r\n\0":
                raise OptionError(f"The {name} must be one character other than a line end, not {value!r}.")
        for one, other in combinations([name for name, value in marks.items() if value], 2):
            if marks[one] == marks[other]:
                raise OptionError(f"The {one} and the {other} cannot both be {marks[one]!r}.")


PLAIN = Dialect()


class Table(ABC):
    """A file (or folder) of rows.

    path: where it is. format: its name in READERS. columns: the names found, in file order.
    rejected: structurally broken rows skipped so far in the latest pass (always 0 under bad_rows="stop").
    rejects_path: where those rows are written, if anywhere; rejects_within: the rejects of several tables, for one of
    them. rows_needed: whether a table without rows is refused.
    lists: the columns whose values are lists of texts; those of all others are texts, or None.
    lists_as_json: the columns where a list of values is given as its JSON, instead of refused: for who takes several.
    split_column: the column that names the part of each row, where the data are divided by who made them.
    heeds: the fields of a Dialect that say how such a file is written; the others say nothing about it.
    """

    format: str
    heeds: tuple[str, ...] = ("encoding",)
    columns: tuple[str, ...]
    lists: frozenset[str] = frozenset()
    lists_as_json: frozenset[str] = frozenset()
    split_column: str | None = None

    def __init__(
        self, path: Path, dialect: Dialect = PLAIN, bad_rows: BadRows = "stop", rejects_path: Path | None = None
    ) -> None:
        self.path = path
        self.dialect = dialect
        self.rejects_path = rejects_path
        self.rejected = 0
        self.rejects_within: Rejects | None = None
        self.rows_needed = True
        self._skip = bad_rows == "skip"
        self._share: Callable[[], float] | None = None

    def batches(self, columns: Sequence[str], size: int = BATCH_ROWS) -> Iterator[list[Row]]:
        """Yield lists of at most `size` rows in file order; each row holds `columns` in their order.

        A value is None only for a real null (Parquet, JSON). May be called again: each call is a new pass.
        Raises ColumnError for a column that is not there or not unique, ReadError for a broken row or no rows.
        """
        if size < 1:
            raise OptionError(f"A batch cannot have {size} rows; at least 1.")
        self.rejected = 0
        with closing(self._rows(columns)) as rows:
            while batch := list(islice(rows, size)):
                yield batch

    def head(self, rows: int, columns: Sequence[str] | None = None) -> list[Row]:
        """Return the first sound rows. Broken ones among them are passed over and not counted.

        columns: which of them each row holds (None: all). Raises ColumnError where two columns have one name.
        """
        looked_at = copy(self)
        looked_at.rejects_path, looked_at.rows_needed, looked_at._skip = None, False, True
        try:
            return next(looked_at.batches(self.columns if columns is None else columns, rows), [])
        except ReadError:  # no sound row at all
            return []

    def share(self) -> float | None:
        """Return how much of the file the latest pass has read, from 0 to 1; None where that is not known."""
        return None if self._share is None else self._share()

    def rejecting(self) -> Rejects:
        """Return the context that takes the broken rows of one pass."""
        return (
            Rejects(self.rejects_path) if self.rejects_within is None else RejectsOfFile(self.rejects_within, self.path)
        )

    @abstractmethod
    def _rows(self, columns: Sequence[str]) -> Generator[Row]:
        """Yield the rows of one pass, `columns` in their order; count in `rejected` what is skipped."""

    def positions(self, columns: Sequence[str]) -> list[int]:
        """Return the index of each of `columns`. Raises ColumnError for a missing or a doubled one."""
        for name in columns:
            times = self.columns.count(name)
            if times == 0:
                raise ColumnError(
                    f"{self.path} has no column {brief(name)}.{did_you_mean(name, self.columns)} "
                    f"Columns found: {listed(self.columns)}."
                )
            if times > 1:
                raise ColumnError(
                    f"{self.path} has {times} columns named {brief(name)}, so the name is ambiguous. "
                    f"Rename one in the file. Columns found: {listed(self.columns)}."
                )
        return [self.columns.index(name) for name in columns]


def listed(names: Sequence[str], most: int = 40) -> str:
    """Return names for a message: quoted, each cut to 60 characters, at most `most` of them."""
    if not names:
        return "none"
    shown = ", ".join(repr(name if len(name) <= 60 else name[:57] + "...") for name in names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"


def other_columns(path: Path, columns: Sequence[str], first: Path, expected: Sequence[str]) -> str:
    """Return the message for a file of several whose columns are not those of the first."""
    missing = [name for name in expected if name not in columns]
    more = [name for name in columns if name not in expected]
    differences = [
        *([f"it lacks {listed(missing, 8)}"] if missing else []),
        *([f"it has {listed(more, 8)} besides"] if more else []),
    ]
    return (
        f"{path} has other columns than {first}: {' and '.join(differences) or 'some are there twice'}. Columns of "
        f"{first}: {listed(expected)}. Several files are read together where all have the same columns."
    )


def shortened(text: str, most: int = 160) -> str:
    """Return a row for a message: on one line, escaped, at most `most` characters of it."""
    cut = text.rstrip("\r\n")
    return repr(cut) if len(cut) <= most else f"{cut[:most]!r}... ({len(cut):,} characters)"
