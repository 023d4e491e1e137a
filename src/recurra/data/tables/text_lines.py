"""Physical lines of a text file: decoded, each with its own line end, none longer than a stated limit."""

from __future__ import annotations

import io
import os
from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from recurra.data.tables import packed
from recurra.data.tables.bytes_check import open_bytes, unreadable
from recurra.errors import ReadError

ROW_LIMIT = 20_000_000
"""Most characters in one row. Real fields of 16 MB are read; an unclosed quote cannot swallow the memory."""


class RowTooLong(Exception):
    """The lines taken for one row passed ROW_LIMIT; the rest of the line was dropped."""


class _WideReader(io.TextIOWrapper):
    _CHUNK_SIZE = 1 << 16


def open_text(path: Path, codec: str) -> io.TextIOWrapper:
    """Open a file, packed or not, as text with its own line ends. Raises ReadError with the reason if that fails."""
    return _WideReader(open_bytes(path), encoding=codec, errors="strict", newline="")


def share_of(file: io.TextIOWrapper) -> float:
    """Return how much of a file that `open_text` opened has been read so far, from 0 to 1."""
    raw: Any = file.buffer.raw  # type: ignore[attr-defined]
    if (share := packed.share_of(raw)) is not None:
        return share
    position: int = raw.tell()
    return min(1.0, position / max(1, os.fstat(raw.fileno()).st_size))


class TextLines(Iterator[str]):
    """The lines of `path`, for a parser that takes several lines for one row.

    taken: the lines handed out since `begin_row`. number: how many lines were handed out in all.
    A line ends in "\\n", "\\r\\n" or "\\r"; its end is kept. A byte-order mark is dropped.
    """

    def __init__(self, path: Path, codec: str, limit: int = ROW_LIMIT) -> None:
        self.path = path
        self.limit = limit
        self.number = 0
        self.taken: list[str] = []
        self._chars = 0
        self._returned: deque[str] = deque()
        self._file = open_text(path, codec)

    def __enter__(self) -> TextLines:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def __next__(self) -> str:
        line = self._returned.popleft() if self._returned else self._read()
        if not line:
            raise StopIteration
        self.number += 1
        self.taken.append(line)
        self._chars += len(line)
        if self._chars > self.limit:
            self._drop_rest_of(line)
            raise RowTooLong
        return line

    def begin_row(self) -> None:
        """Forget the lines taken so far: the next line begins a row."""
        self.taken.clear()
        self._chars = 0

    def share(self) -> float:
        """Return how much of the file, packed or not, has been read so far, from 0 to 1."""
        return share_of(self._file)

    def give_back(self, lines: Iterable[str]) -> None:
        """Hand these lines out again, before any other: they were the last taken."""
        back = list(lines)
        self._returned.extendleft(reversed(back))
        self.number -= len(back)

    def _read(self) -> str:
        try:
            line = self._file.readline(self.limit + 1)
        except UnicodeDecodeError as error:
            raise ReadError(f"{self.path} changed while it was read: {error}. Start again.") from None
        except OSError as error:
            raise unreadable(self.path, error) from None
        return line[1:] if self.number == 0 and line.startswith("\ufeff") else line

    def _drop_rest_of(self, line: str) -> None:
        while line and line[-1] not in "\r\n":
            line = self._read()
