"""The bytes of a file of word vectors, unpacked where it is compressed with gzip, and errors that name the file."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import IO

from recurra.data.tables.bytes_check import check_is_file, unreadable
from recurra.errors import ReadError

BLOCK = 1 << 20
GZIP = b"\x1f\x8b"


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """Give a file's bytes, unpacked where they begin as gzip does, whatever its name.

    Raises ReadError, with the reason, where it cannot be opened or read to its end.
    """
    check_is_file(path)
    try:
        if path.is_dir():
            raise ReadError(f"{path} is a folder. Give the file with the word vectors that lies in it.")
        with path.open("rb") as file:
            if file.read(len(GZIP)) != GZIP:
                file.seek(0)
                yield io.BufferedReader(file, BLOCK)
                return
            file.seek(0)
            with gzip.GzipFile(fileobj=file) as unpacked:
                yield io.BufferedReader(unpacked, BLOCK)
    except (OSError, EOFError, zlib.error) as error:
        if isinstance(error, ReadError):
            raise
        if isinstance(error, EOFError | zlib.error | gzip.BadGzipFile):
            raise ReadError(f"{path} is not a whole gzip file ({error}). Fetch or make it again.") from None
        raise unreadable(path, error) from None


def digest(path: Path) -> str:
    """Return the sha256 digest of a file as it lies there. Raises ReadError where it cannot be read."""
    check_is_file(path)
    try:
        if path.is_dir():
            raise ReadError(f"{path} is a folder. Give the file with the word vectors that lies in it.")
        state = path.stat()
        return _digest(os.path.realpath(path), state.st_mtime_ns, state.st_size)
    except OSError as error:
        raise unreadable(path, error) from None


@cache
def _digest(path: str, changed: int, size: int) -> str:
    """Return the digest of a file that was changed last at `changed`, in nanoseconds, and has `size` bytes."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
