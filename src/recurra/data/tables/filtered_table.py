"""Part of another table: the rows whose one column holds one value."""

from __future__ import annotations

from collections.abc import Generator, Sequence

from recurra.data.tables.table import Row, Table
from recurra.errors import ReadError


class FilteredTable(Table):
    """The rows of `table` where `column` equals `value`, in their order."""

    def __init__(self, table: Table, column: str, value: str) -> None:
        super().__init__(table.path, table.dialect, rejects_path=table.rejects_path)
        self._table = table
        self._column = column
        self._value = value
        self.format = table.format
        self.columns = table.columns

    def _rows(self, columns: Sequence[str]) -> Generator[Row]:
        empty = True
        for batch in self._table.batches((*columns, self._column)):
            self.rejected = self._table.rejected
            for row in batch:
                if row[-1] == self._value:
                    empty = False
                    yield row[:-1]
        self.rejected = self._table.rejected
        if empty:
            raise ReadError(f"{self.path} has no rows whose {self._column} is '{self._value}'.")
