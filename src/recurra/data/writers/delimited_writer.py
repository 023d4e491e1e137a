"""CSV and TSV: every cell as it was read, UTF-8, lines that end in a line feed."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any

from recurra.data.tables.table import Row, Table
from recurra.data.writers.formulas import defused
from recurra.data.writers.writer import AnswerColumn, Answers, TableWriter, free_names
from recurra.errors import OutputError


class CsvWriter(TableWriter):
    """Comma-separated, in quotes where needed; a null is an empty cell. Where formulas are defused every cell is in
    quotes, so that a program which splits at another character finds no cell inside a cell."""

    def write(self, path: Path, answers: Answers) -> None:
        with path.open("w", encoding="utf-8", errors="surrogatepass", newline="") as file:
            line = self._line(file)
            line([*self.table.columns, *self.names])
            for row, values in self.answered(answers):
                line([*row, *(self._cell(column, value) for column, value in zip(self.written, values, strict=True))])

    def _cell(self, column: AnswerColumn, value: Any) -> str:
        return column.as_text(value)

    def _line(self, file: IO[str]) -> Callable[[Sequence[str | None]], Any]:
        everywhere = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL)
        if self.escape:
            return lambda row: everywhere.writerow([defused(cell) if cell else cell for cell in row])
        needed = csv.writer(file, lineterminator="\n")

        def write(row: Sequence[str | None]) -> None:
            # Before Python 3.13 a carriage return alone does not make the writer quote its field.
            bare = any("\r" in cell for cell in row if cell)
            (everywhere if bare else needed).writerow(row)

        return write


class TsvWriter(CsvWriter):
    """Tab-separated, without quotes. An input with a tab or a line end in a cell is refused, before any row is
    answered; in an answer, and in the name of its column, these become spaces."""

    def __init__(
        self, table: Table, read: Sequence[str], columns: Sequence[AnswerColumn], *, escape: bool = False
    ) -> None:
        super().__init__(table, read, columns, escape=escape)
        if any(name != name.translate(_SPACES) for name in table.columns):
            raise OutputError(
                "Cannot write a .tsv file: the name of a column holds a tab or a line end, which it cannot hold. "
                "Write .csv, .jsonl or .parquet."
            )

    def free_names(self, taken: Iterable[str]) -> list[str]:
        return free_names([(column.title or column.name).translate(_SPACES) for column in self.written], taken)

    def inputs(self) -> Iterator[Row]:
        indices = [self.table.columns.index(name) for name in self.read]
        rows = (row for batch in self.table.batches(self.table.columns) for row in batch)
        for number, row in enumerate(rows, 1):
            if any("\t" in cell or "\n" in cell or "\r" in cell for cell in row if cell):
                raise OutputError(
                    f"Cannot write a .tsv file: row {number:,} holds a tab or a line end, which it cannot hold. "
                    "Write .csv, .jsonl or .parquet."
                )
            yield tuple(row[index] for index in indices)

    def _cell(self, column: AnswerColumn, value: Any) -> str:
        return column.as_text(value).translate(_SPACES)

    def _line(self, file: IO[str]) -> Callable[[Sequence[str | None]], Any]:
        def write(row: Sequence[str | None]) -> None:
            cells = [cell or "" for cell in row]
            file.write("\t".join(map(defused, cells) if self.escape else cells) + "\n")

        return write


_SPACES = str.maketrans("\t\r\n", "   ")
