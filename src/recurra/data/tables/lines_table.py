"""Plain text, gzipped or not: one text a line, in the one column `text`."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from pathlib import Path

from recurra.data.tables.bytes_check import check_bytes
from recurra.data.tables.rejects import Rejects
from recurra.data.tables.table import PLAIN, BadRows, Dialect, Row, Table
from recurra.data.tables.text_lines import ROW_LIMIT, RowTooLong, TextLines
from recurra.errors import ReadError


class LinesTable(Table):
    """A text file whose every line is a row, blank ones too; the line end is not part of the text."""

    format = "txt"
    columns: tuple[str, ...] = ("text",)

    def __init__(
        self, path: Path, dialect: Dialect = PLAIN, bad_rows: BadRows = "stop", rejects_path: Path | None = None
    ) -> None:
        super().__init__(path, dialect, bad_rows, rejects_path)
        self._codec = check_bytes(path, dialect.encoding)

    def _rows(self, columns: Sequence[str]) -> Generator[Row]:
        """Yield lines; see Table. Raises ReadError for a line longer than ROW_LIMIT characters."""
        width = len(self.positions(columns))
        with self.rejecting() as rejects:
            for _, text in self._numbered(rejects):
                yield (text,) * width

    def _numbered(self, rejects: Rejects) -> Generator[tuple[int, str]]:
        """Yield (its number, the line without its end) of each line that is not too long."""
        with TextLines(self.path, self._codec) as lines:
            self._share = lines.share
            while True:
                lines.begin_row()
                try:
                    line = next(lines)
                except StopIteration:
                    break
                except RowTooLong:
                    reason = f"longer than {ROW_LIMIT:,} characters, the most that is read"
                    if not self._skip:
                        raise ReadError(f"{self.path}, line {lines.number:,}: {reason}.") from None
                    rejects.add(lines.number, reason, lines.taken[0])
                    self.rejected = rejects.count
                    continue
                text = line[:-2] if line.endswith("\r\n") else line[:-1] if line[-1] in "\r\n" else line
                yield lines.number, text
            self._share = None
