"""Texts set aside on disk: read once, then taken back by row number, with 8 bytes of memory a row."""

from __future__ import annotations

import errno
import os
import tempfile
from array import array
from collections.abc import Iterable, Iterator
from pathlib import Path

from recurra.errors import OutputError

_BUFFER = 1 << 20


class Spool:
    """An append-only store of texts in a nameless file, which vanishes when closed or when the process dies.

    directory: where to keep the file (default: the system's place for temporary files). Texts come back as they
    went in, lone surrogates included. Raises OutputError if the disk is full or the directory cannot be written.

    >>> with Spool() as spool:
    ...     row = spool.append("a text")
    ...     print(row, spool[row], len(spool))
    0 a text 1
    """

    def __init__(self, directory: str | Path | None = None) -> None:
        self._place = Path(directory) if directory is not None else Path(tempfile.gettempdir())
        try:
            self._file = tempfile.TemporaryFile(dir=self._place, prefix="recurra-texts-", buffering=0)  # noqa: SIM115 - closed by close()
        except OSError as error:
            raise self._failed(error) from None
        self._ends = array("q", [0])  # text i lies between _ends[i] and _ends[i + 1]
        self._unwritten = bytearray()
        self._written = 0

    def append(self, text: str) -> int:
        """Store `text` and return its row number, from 0."""
        data = text.encode("utf-8", "surrogatepass")
        self._unwritten += data
        self._ends.append(self._ends[-1] + len(data))
        if len(self._unwritten) >= _BUFFER:
            self._write()
        return len(self._ends) - 2

    def __len__(self) -> int:
        return len(self._ends) - 1

    def __getitem__(self, row: int) -> str:
        """Return the text of `row` (negative ones count from the end). Raises IndexError beyond the last."""
        if not -len(self) <= row < len(self):
            raise IndexError(f"row {row} of {len(self)}")
        row = int(row) % len(self)
        start, end = self._ends[row], self._ends[row + 1]
        if self._written < end:
            self._write()
        return os.pread(self._file.fileno(), end - start, start).decode("utf-8", "surrogatepass")

    def __iter__(self) -> Iterator[str]:
        return self.select(range(len(self)))

    def select(self, rows: Iterable[int]) -> Iterator[str]:
        """Yield the texts of `rows`, in the order asked."""
        for row in rows:
            yield self[row]

    def close(self) -> None:
        """Give the disk space back."""
        self._file.close()

    def __enter__(self) -> Spool:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _write(self) -> None:
        data = memoryview(bytes(self._unwritten))
        try:
            while data:
                done = os.pwrite(self._file.fileno(), data, self._written)
                self._written += done
                data = data[done:]
        except OSError as error:
            raise self._failed(error) from None
        self._unwritten.clear()

    def _failed(self, error: OSError) -> OutputError:
        next_step = "Free some space, or set TMPDIR to another disk" if error.errno == errno.ENOSPC else "Set TMPDIR"
        return OutputError(f"Cannot set texts aside in {self._place}: {error.strerror}. {next_step}.")
