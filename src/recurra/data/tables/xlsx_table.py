"""A sheet of an Excel workbook (.xlsx), through openpyxl, which reads row after row.

python-calamine is quicker, but makes a sheet whole before its first row: two cells far apart take the memory of all
between them, which no caller can bound. Formulas give the value that was saved with them.
"""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from recurra.data.tables.packed import on_disk
from recurra.data.tables.rejects import Rejects
from recurra.data.tables.table import PLAIN, BadRows, Dialect, Row, Table, listed, shortened
from recurra.errors import ReadError, RecurraError, brief, did_you_mean, installation

LARGEST_PART, LARGEST_SHEET = 2**28, 2**30
"""Most bytes of a part of a workbook, such as the texts that its cells share, which lie in memory; and of a sheet."""
MOST_ROWS = 2**20
"""Rows that a sheet can have in Excel."""


class XlsxTable(Table):
    """A sheet whose first row that is not empty names the columns. Blank rows are skipped; an empty cell is None."""

    format = "xlsx"
    heeds = ("sheet", "header")

    def __init__(
        self, path: Path, dialect: Dialect = PLAIN, bad_rows: BadRows = "stop", rejects_path: Path | None = None
    ) -> None:
        super().__init__(path, dialect, bad_rows, rejects_path)
        _check_sizes(path)
        with self._workbook() as workbook:
            self.sheet = self._chosen(workbook)
            _, first = next(_filled(workbook[self.sheet]), (0, ()))
        if not first:
            raise ReadError(f"{path}: the sheet {brief(self.sheet)} is empty. Expected a row of names, and rows.")
        names = [_as_text(value) if self.dialect.header else None for value in first]
        self.columns = tuple(name or f"column{place}" for place, name in enumerate(names))

    def _rows(self, columns: Sequence[str]) -> Generator[Row]:
        """Yield rows; see Table. Raises ReadError for a row with more cells than there are columns, and damage."""
        positions, width, empty = self.positions(columns), len(self.columns), True
        with self.rejecting() as rejects, self._workbook() as workbook:
            sheet = workbook[self.sheet]
            total, done = sheet.max_row or 0, 0
            self._share = (lambda: min(1.0, done / total)) if total else None
            rows = _filled(sheet)
            if self.dialect.header:
                next(rows, None)
            for done, cells in rows:
                values = [_as_text(cell) for cell in cells]
                if len(values) > width:
                    self._reject(done, values, rejects)
                    continue
                values += [None] * (width - len(values))
                empty = False
                yield tuple([values[place] for place in positions])
            self._share = None
        if empty and (self.rows_needed or rejects.count):
            raise ReadError(
                f"{self.path}: the sheet {brief(self.sheet)} has columns ({listed(self.columns)}) but no rows."
            )

    def _reject(self, row: int, values: Sequence[str | None], rejects: Rejects) -> None:
        width = len(self.columns)
        shown = "\t".join(value or "" for value in values)
        reason = f"{len(values)} cells where {width} are expected ({listed(self.columns, 8)})"
        if not self._skip:
            raise ReadError(
                f"{self.path}, sheet {brief(self.sheet)}, row {row:,}: {reason}. The row: {shortened(shown)}. Name "
                "the column in the first row, or clear what is beside the table. `--bad-rows skip` sets such rows "
                "aside."
            )
        rejects.add(row, reason, shown)
        self.rejected = rejects.count

    def _chosen(self, workbook: Any) -> str:
        """Return the sheet to read: the one that is named, or the only one with anything in it."""
        names: list[str] = [sheet.title for sheet in workbook.worksheets]
        if (named := self.dialect.sheet) is not None:
            if named not in names:
                raise ReadError(
                    f"{self.path} has no sheet {brief(named)}.{did_you_mean(named, names)} Its sheets: {listed(names)}."
                )
            return named
        filled = [name for name in names if next(_filled(workbook[name]), None) is not None]
        if len(filled) > 1:
            raise ReadError(f"{self.path} has several sheets: {listed(filled)}. Name the one to read with --sheet.")
        if not filled:
            raise ReadError(f"{self.path} is empty. Expected a sheet with a row of names, and rows.")
        return filled[0]

    @contextmanager
    def _workbook(self) -> Iterator[Any]:
        """Give the workbook. What openpyxl raises of damage within this context becomes a ReadError."""
        try:
            import openpyxl
        except ImportError:
            raise ReadError(f"{self.path}: reading .xlsx needs the package openpyxl. {installation('excel')}") from None
        warnings.filterwarnings("ignore", module=r"openpyxl\b")  # of styles and extensions, which are not read
        try:
            with on_disk(self.path).open("rb") as file:
                workbook = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
                for sheet in workbook.worksheets:
                    sheet.reset_dimensions()  # what a file says of its size need not be true
                yield workbook
        except RecurraError:
            raise
        except Exception as error:  # of a damaged workbook openpyxl raises whatever its code happens to meet
            raise _unsound(self.path, error) from None


def _filled(sheet: Any) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """Yield (its number, its cells up to the last one with a value) of each row that has one."""
    for number, row in enumerate(sheet.iter_rows(values_only=True), 1):
        if number > MOST_ROWS:
            raise ReadError(f"A sheet has more than {MOST_ROWS:,} rows, which Excel cannot write. Save it as CSV.")
        width = len(row)
        while width and row[width - 1] in (None, ""):
            width -= 1
        if width:
            yield number, tuple(row[:width])


def _as_text(value: Any) -> str | None:
    """Return a cell as text: dates as 2024-01-31, with the time behind where it is not midnight."""
    match value:
        case None | "":
            return None
        case bool():
            return "true" if value else "false"
        case datetime():
            return str(value.date() if value.time() == time() else value)
        case float() if value.is_integer() and abs(value) < 2**53:
            return str(int(value))
        case str() | int() | float() | date() | time() | timedelta():
            return str(value)
    return str(value)


def _check_sizes(path: Path) -> None:
    """Raise ReadError for what is no workbook, and for one whose parts unpack to more than is read."""
    try:
        with zipfile.ZipFile(on_disk(path)) as archive:
            for part in archive.infolist():
                most = LARGEST_SHEET if part.filename.startswith("xl/worksheets/") else LARGEST_PART
                if part.file_size > most:
                    raise ReadError(
                        f"{path}: {part.filename} unpacks to {part.file_size:,} bytes; at most {most:,} are read. Save "
                        "the sheet as CSV in UTF-8."
                    )
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
        if isinstance(error, ReadError):
            raise
        raise _unsound(path, error) from None


def _unsound(path: Path, error: Exception) -> ReadError:
    reason = f" ({error})" if isinstance(error, zipfile.BadZipFile) else ""
    return ReadError(f"{path} is not a sound Excel workbook{reason}. Save it again, or as CSV in UTF-8.")
