"""Labelled lines as fastText takes them, gzipped or not: `__label__NAME text`, one a line.

A text has one label, unless lists are to be given as JSON: then it may have several, or none.
"""

from __future__ import annotations

import json
import re
from collections.abc import Generator, Sequence
from pathlib import Path

from recurra.data.tables.bytes_check import open_bytes
from recurra.data.tables.lines_table import LinesTable
from recurra.data.tables.table import Row, shortened
from recurra.errors import ReadError

MARK = "__label__"

_LABELLED = re.compile(r"\s*__label__(\S+)\s?(.*)", re.DOTALL)


def is_fasttext(path: Path) -> bool:
    """Return whether a file begins with a label of fastText, after a byte-order mark or white space if any."""
    try:
        with open_bytes(path) as file:
            start = file.read(256)
    except (OSError, ReadError):  # its reader will say what is wrong with it
        return False
    return start.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(MARK.encode())


class FasttextTable(LinesTable):
    """A text file whose every line is a label and a text. Columns: text and label, without the mark."""

    format = "fasttext"
    columns = ("text", "label")

    def _rows(self, columns: Sequence[str]) -> Generator[Row]:
        """Yield rows; see Table. Raises ReadError for a line without a label or with several, where one is taken."""
        positions = self.positions(columns)
        with self.rejecting() as rejects:
            for number, line in self._numbered(rejects):
                if not line.strip():
                    continue
                labels, text = _parted(line)
                if "label" in self.lists_as_json:
                    row = (text, json.dumps(labels, ensure_ascii=False))
                elif len(labels) == 1:
                    row = (text, labels[0])
                else:
                    reason = (
                        "several labels, where a text has one (--task multilabel takes several)"
                        if labels
                        else f"no label at its start ({MARK}NAME)"
                    )
                    if not self._skip:
                        raise ReadError(
                            f"{self.path}, line {number:,}: {reason}. The row: {shortened(line)}. "
                            "`--bad-rows skip` sets such rows aside."
                        )
                    rejects.add(number, reason, line)
                    self.rejected = rejects.count
                    continue
                yield tuple([row[p] for p in positions])


def _parted(line: str) -> tuple[list[str], str]:
    """Return (the labels at the start of a line, the text after them)."""
    labels: list[str] = []
    while (found := _LABELLED.fullmatch(line)) is not None:
        labels.append(found[1])
        line = found[2]
    return labels, line
