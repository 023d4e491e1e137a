"""What every writer is: it reads a file once for what is to be answered, and once more to write it with the answers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

from recurra.data.tables.table import Row, Table

Label = str | bool | int | float


@dataclass(frozen=True)
class AnswerColumn:
    """A column of answers.

    kind: what each value is: a text, a list of texts, a float, or a bool. labels: where given, the answers hold the
    indices of labels in this list instead of texts. written: whether the column is part of the output. digits: of a
    float in a text format. title: what it is called in the output, its name where empty; names are told apart without
    upper and lower case, titles need not be. join: makes one cell of a list of texts in a text format.
    """

    name: str
    kind: Literal["text", "texts", "number", "flag"] = "text"
    labels: Sequence[Label] | None = None
    written: bool = True
    digits: int = 6
    title: str = ""
    join: Callable[[list[str]], str] = " ".join

    @property
    def sql_type(self) -> str:
        """The type in DuckDB of what is kept: indices of labels, or the values themselves."""
        one = "INTEGER" if self.labels is not None else "VARCHAR"
        return {"text": one, "texts": f"{one}[]", "number": "DOUBLE", "flag": "BOOLEAN"}[self.kind]

    def value(self, kept: Any) -> Any:
        """Return the value of which `kept` is in the answers: None where there is no answer."""
        if self.labels is None or kept is None:
            return kept
        return [self.labels[index] for index in kept] if self.kind == "texts" else self.labels[kept]

    def as_text(self, value: Any) -> str:
        """Return a value as a cell of a text format: a float with its digits, the texts of a list joined, nothing
        for None."""
        if value is None:
            return ""
        if self.kind == "number":
            return f"{value:.{self.digits}g}"
        return self.join(list(map(str, value))) if self.kind == "texts" else str(value)


class Answers(Protocol):
    """The answers to all rows of a file. folder, sql: where they lie, for writers that read them in SQL."""

    rows: int
    folder: Path

    def answers(self) -> Iterator[tuple[Any, ...]]:
        """Yield what is kept of each row, one value a column."""

    def sql(self, link: Path) -> str:
        """Return the SQL that names the answers in order, `folder` being found at `link`."""


class Writer(ABC):
    """Writes a file again with the answers to it. path: the file that is read; columns: of the answers."""

    def __init__(self, path: Path, columns: Sequence[AnswerColumn]) -> None:
        self.path = path
        self.columns = list(columns)

    @abstractmethod
    def inputs(self) -> Iterator[Any]:
        """Yield what is to be answered, in order; raise already here what `write` could not write."""

    @abstractmethod
    def write(self, path: Path, answers: Answers) -> None:
        """Write the whole output to `path`. Raises OSError or duckdb.Error where the system refuses."""

    @property
    def rejected(self) -> int:
        """How many broken rows the latest pass has skipped."""
        return 0

    def share(self) -> float | None:
        """Return how much of the input the latest pass has read, from 0 to 1; None where that is not known."""
        return None


class TableWriter(Writer):
    """Writes the rows of `table`, in their order, with the answers after their columns.

    read: the names of the columns that are answered; `inputs` yields a tuple of them for each row. escape: whether to
    defuse formulas. Raises OutputError where this kind of file cannot hold such a table.
    """

    def __init__(
        self, table: Table, read: Sequence[str], columns: Sequence[AnswerColumn], *, escape: bool = False
    ) -> None:
        super().__init__(table.path, columns)
        self.table = table
        self.read = list(read)
        self.escape = escape
        self.written = [column for column in self.columns if column.written]
        taken = [*table.columns, *(name.split(".")[0] for name in table.columns)]  # with the objects around columns
        self.names = self.free_names(taken)
        self._indices = [index for index, column in enumerate(self.columns) if column.written]
        table.rows_needed = False

    def inputs(self) -> Iterator[Row]:
        indices = [self.table.columns.index(name) for name in self.read]
        for batch in self.table.batches(self.table.columns):
            yield from (tuple(row[index] for index in indices) for row in batch)

    def free_names(self, taken: Iterable[str]) -> list[str]:
        """Return what the written columns are called beside others of the names `taken`."""
        return free_names([column.title or column.name for column in self.written], taken)

    @property
    def rejected(self) -> int:
        return self.table.rejected

    def share(self) -> float | None:
        return self.table.share()

    def values(self, answers: Answers) -> Iterator[list[Any]]:
        """Yield the values of the written columns for each row."""
        pairs = list(zip(self.written, self._indices, strict=True))
        for kept in answers.answers():
            yield [column.value(kept[index]) for column, index in pairs]

    def answered(self, answers: Answers) -> Iterator[tuple[Row, list[Any]]]:
        """Yield each row with its values."""
        rows = (row for batch in self.table.batches(self.table.columns) for row in batch)
        yield from zip(rows, self.values(answers), strict=True)


def free_names(names: Iterable[str], taken: Iterable[str], key: Callable[[str], str] = str) -> list[str]:
    """Return `names`, each with as many underscores after it as it takes until no column has that name, neither one of
    `taken` nor one before it. key: what is equal of names that a file cannot tell apart."""
    used = set(map(key, taken))
    free = []
    for name in names:
        while key(name) in used:
            name += "_"
        used.add(key(name))
        free.append(name)
    return free
