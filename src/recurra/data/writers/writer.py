"""What every writer is: it reads a table once for its texts, and once more to write all columns with the answers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

from recurra.data.tables.table import Row, Table

Label = str | bool | int | float
ADDED = ("predicted", "probability", "truncated")


class Answers(Protocol):
    """The answers to all rows of a table. folder, sql: where they lie, for those that read them in SQL."""

    rows: int
    folder: Path

    def answers(self) -> Iterator[tuple[int, float, bool]]:
        """Yield (place of the label, probability, truncated) of each row."""

    def sql(self, link: Path) -> str:
        """Return the SQL that names the answers in order, `folder` being found at `link`."""


class Writer(ABC):
    """Writes the rows of `table`, in their order, with the answers after their columns.

    text: the column that is answered. labels: by place. escape: whether to defuse formulas. Raises OutputError where
    this kind of file cannot hold such a table.
    """

    def __init__(self, table: Table, text: str, labels: Sequence[Label], *, escape: bool = False) -> None:
        self.table = table
        self.text = text
        self.labels = list(labels)
        self.escape = escape
        self.added = [free(name, table.columns) for name in ADDED]
        table.rows_needed = False

    def texts(self) -> Iterator[str]:
        """Yield the text of each row, "" for a missing one; raise already here what `write` could not write."""
        place = self.table.columns.index(self.text)
        for batch in self.table.batches(self.table.columns):
            yield from (row[place] or "" for row in batch)

    @abstractmethod
    def write(self, path: Path, answers: Answers) -> None:
        """Write the whole file. Raises OSError or duckdb.Error where the system refuses."""

    def answered(self, answers: Answers) -> Iterator[tuple[Row, tuple[Label, float, bool]]]:
        """Yield each row with its answer."""
        rows = (row for batch in self.table.batches(self.table.columns) for row in batch)
        for row, (place, probability, truncated) in zip(rows, answers.answers(), strict=True):
            yield row, (self.labels[place], probability, truncated)


def free(name: str, taken: Sequence[str]) -> str:
    """Return `name`, with so many underscores after it that no column has it already."""
    while name in taken:
        name += "_"
    return name
