"""Data from standard input, named `-`: kept in a private file for as long as the process runs, since data are read
more than once.

What they are is seen by their first bytes where that leaves no doubt; else it must be stated.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import weakref
import zipfile
from pathlib import Path
from typing import TextIO

from recurra.errors import OutputError, ReadError

NAME = Path("-")
_BLOCK = 1 << 20
_STARTS = {
    b"PAR1": ".parquet",
    b"[": ".json",
    b"{": ".json",
    b"__label__": ".txt",
    b"\x1f\x8b": ".gz",
    b"(\xb5/\xfd": ".zst",
    b"PK\x03\x04": ".zip",
}

_kept: weakref.WeakKeyDictionary[TextIO, Path] = weakref.WeakKeyDictionary()


def kept_file() -> Path:
    """Return the file that holds what came on standard input, all of which is read first. Its name ends like what it
    is, where the first bytes say so.

    Raises ReadError where nothing is piped in, OutputError where the disk is full.
    """
    stream: TextIO | None = sys.stdin
    if stream is None or stream not in _kept:
        if stream is None or stream.isatty():
            raise ReadError(
                "`-` stands for standard input, and nothing is piped into it. Pipe data in, or name a file."
            )
        folder = Path(tempfile.mkdtemp(prefix="recurra-"))
        weakref.finalize(stream, shutil.rmtree, folder, ignore_errors=True)
        path = folder / "standard-input"
        try:
            with path.open("xb") as file:
                shutil.copyfileobj(stream.buffer, file, _BLOCK)
        except OSError as error:
            raise OutputError(
                f"Cannot keep standard input in {folder}: {os.strerror(error.errno or 0)}. Free some space, or set "
                "TMPDIR to another disk."
            ) from None
        _kept[stream] = path.rename(path.with_suffix(_suffix(path)))
    return _kept[stream]


def _suffix(path: Path) -> str:
    """Return the suffix of what a file is by its first bytes; "" where that could be several things."""
    with path.open("rb") as file:
        start = file.read(64).removeprefix(b"\xef\xbb\xbf").lstrip()
    suffix = next((suffix for magic, suffix in _STARTS.items() if start.startswith(magic)), "")
    if suffix == ".zip" and zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            return ".xlsx" if "xl/workbook.xml" in archive.namelist() else ".zip"
    return suffix
