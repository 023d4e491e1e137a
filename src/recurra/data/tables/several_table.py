"""Several files as one table: the rows of one after those of the other, under the same columns.

Each file is read by the reader of its kind, and an error names the file and the line in it.
"""

from __future__ import annotations

from collections.abc import Generator, KeysView, Sequence
from contextlib import closing
from copy import copy
from pathlib import Path

from recurra.data.tables.object_table import HoldsObjects, ObjectTable
from recurra.data.tables.packed import on_disk
from recurra.data.tables.rejects import Rejects
from recurra.data.tables.table import Row, Table, other_columns
from recurra.errors import ColumnError, OptionError, ReadError


class SeveralTable(Table):
    """The rows of several tables, which are of one format and have the same columns, in any order."""

    def __init__(self, path: Path, tables: Sequence[Table]) -> None:
        """path: the name that stands for all of them. Raises ColumnError or OptionError, naming the file that differs
        from the first."""
        first = tables[0]
        super().__init__(path, first.dialect, "skip" if first._skip else "stop", first.rejects_path)
        self.format, self.columns, self.heeds = first.format, first.columns, first.heeds
        self.tables = list(tables)
        for table in tables[1:]:
            _check_alike(first, table)
        self._sizes = [max(1, on_disk(table.path).stat().st_size) for table in tables]

    def _rows(self, columns: Sequence[str]) -> Generator[Row]:
        """Yield the rows of every file; see Table."""
        self.positions(columns)
        empty = True
        with Rejects(self.rejects_path, several=True) as rejects:
            for table in self._passing(rejects):
                table.lists_as_json = self.lists_as_json
                with closing(table._rows(columns)) as rows:
                    for row in rows:
                        empty = False
                        yield row
        if empty and self.rows_needed:
            raise ReadError(f"{self.path}: none of its {len(self.tables):,} files has a row.")

    def _passing(self, rejects: Rejects) -> Generator[Table]:
        """Yield the tables one after the other, each with the settings of this one, and keep count and share."""
        for number, table in enumerate(self.tables):
            one = copy(table)
            one.rows_needed, one.lists_as_json, one._skip = False, self.lists_as_json, self._skip
            one.rejects_within = rejects
            read = sum(self._sizes[:number])

            def share(one: Table = one, read: int = read, size: int = self._sizes[number]) -> float:
                return (read + size * (one.share() or 0.0)) / sum(self._sizes)

            self._share = share
            try:
                yield one
            finally:
                self.rejected = rejects.count
        self._share = None


class SeveralObjects(SeveralTable, HoldsObjects):
    """The objects of several files of JSON."""

    def rows_with_lines(self, columns: Sequence[str]) -> Generator[tuple[str, KeysView[str], Row]]:
        self.rejected = 0
        self.positions(columns)
        with Rejects(self.rejects_path, several=True) as rejects:
            for table in self._passing(rejects):
                assert isinstance(table, ObjectTable)
                yield from table.rows_with_lines(columns)


def several(path: Path, tables: Sequence[Table]) -> Table:
    """Return several tables as one; a single one as it is."""
    if len(tables) == 1:
        return tables[0]
    return (SeveralObjects if all(isinstance(table, ObjectTable) for table in tables) else SeveralTable)(path, tables)


def _check_alike(first: Table, table: Table) -> None:
    if table.format != first.format:
        raise OptionError(
            f"{table.path} is read as {table.format}, and {first.path} as {first.format}. Several files are read "
            "together where they are of one kind."
        )
    if sorted(table.columns) != sorted(first.columns):
        raise ColumnError(other_columns(table.path, table.columns, first.path, first.columns))
