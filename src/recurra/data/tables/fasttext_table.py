"""Labelled lines as fastText takes them, gzipped or not: `__label__NAME text`, one a line."""

from __future__ import annotations

import re
import zlib
from collections.abc import Generator, Sequence
from pathlib import Path

from recurra.data.tables.bytes_check import open_bytes
from recurra.data.tables.lines_table import LinesTable
from recurra.data.tables.rejects import Rejects
from recurra.data.tables.table import Row, shortened
from recurra.errors import ReadError

MARK = "__label__"

_LABELLED = re.compile(r"\s*__label__(\S+)\s?(.*)", re.DOTALL)


def is_fasttext(path: Path) -> bool:
    """Return whether a file begins with a label of fastText, after a byte-order mark or white space if any."""
    try:
        with open_bytes(path) as file:
            start = file.read(256)
    except (OSError, EOFError, zlib.error, ReadError):  # its reader will say what is wrong with it
        return False
    return start.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(MARK.encode())


class FasttextTable(LinesTable):
    """A text file whose every line is a label and a text. Columns: text and label, without the mark."""

    format = "fasttext"
    columns = ("text", "label")

    def _rows(self, columns: Sequence[str]) -> Generator[Row]:
        """Yield rows; see Table. Raises ReadError for a line without a label, or with several."""
        positions = self.positions(columns)
        with Rejects(self.rejects_path) as rejects:
            for number, line in self._numbered(rejects):
                if not line.strip():
                    continue
                found = _LABELLED.fullmatch(line)
                if found is not None and not found[2].lstrip().startswith(MARK):
                    row = (found[2], found[1])
                    yield tuple([row[p] for p in positions])
                    continue
                reason = "two labels, where a text has one" if found else f"no label at its start ({MARK}NAME)"
                if not self._skip:
                    raise ReadError(
                        f"{self.path}, line {number:,}: {reason}. The row: {shortened(line)}. "
                        "`--bad-rows skip` sets such rows aside."
                    )
                rejects.add(number, reason, line)
                self.rejected = rejects.count
