"""Bytes spilled to disk in a nameless file, which vanishes when closed or when the process dies."""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path

from recurra.errors import OutputError

BUFFER = 1 << 20


class SpillFile:
    """Bytes that are only ever appended to. what: what they are, for the errors.

    directory: where to keep the file (default: the system's place for temporary files). Raises OutputError if the disk
    is full or the directory cannot be written.
    """

    def __init__(self, what: str, directory: str | Path | None = None) -> None:
        self._what, self._chosen = what, directory is not None
        self._place = "the temporary directory" if directory is None else str(directory)
        try:
            self._place = str(directory or tempfile.gettempdir())
            self._file = tempfile.TemporaryFile(dir=self._place, prefix="recurra-", buffering=0)  # noqa: SIM115 - closed by close()
        except OSError as error:
            raise self._failed(error) from None
        self._unwritten = bytearray()
        self._written = 0

    def append(self, data: bytes | memoryview) -> None:
        """Take `data`; it is written once there is enough."""
        self._unwritten += data
        if len(self._unwritten) >= BUFFER:
            self._write()

    def __len__(self) -> int:
        """Return how many bytes there are."""
        return self._written + len(self._unwritten)

    def read(self, start: int, end: int) -> bytes:
        """Return the bytes from `start` up to `end`. Raises OutputError where they cannot be read any more."""
        if self._written < end:
            self._write()
        data = b""
        while len(data) < end - start:
            try:
                piece = os.pread(self._file.fileno(), end - start - len(data), start + len(data))
            except OSError as error:
                raise self._failed(error, "read the {} back from") from None
            if not piece:
                raise OutputError(f"The {self._what} that were written to {self._place} are no longer whole.")
            data = data + piece if data else piece
        return data

    def close(self) -> None:
        """Give the disk space back."""
        self._file.close()

    def _write(self) -> None:
        data = memoryview(bytes(self._unwritten))
        began = self._written
        try:
            while data:
                done = os.pwrite(self._file.fileno(), data, self._written)
                self._written += done
                data = data[done:]
        except OSError as error:
            raise self._failed(error) from None
        finally:  # what a failure leaves unwritten can be tried again
            del self._unwritten[: self._written - began]

    def _failed(self, error: OSError, doing: str = "write the {} to") -> OutputError:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        if self._chosen:
            next_step = "Free some space there" if full else "Choose a place that can be written to"
        else:
            next_step = "Free some space, or set TMPDIR to another disk" if full else "Set TMPDIR"
        doing = doing.format(self._what)
        return OutputError(f"Cannot {doing} {self._place}: {error.strerror or error}. {next_step}.")
