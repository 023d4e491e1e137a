"""Files that survive, and plain words where the system refuses to keep them."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from recurra.errors import OutputError

_FULL = {errno.ENOSPC, errno.EDQUOT}


@contextmanager
def told(output: Path) -> Iterator[None]:
    """Turn what the system or DuckDB says while `output` is written into an OutputError with the next step."""
    try:
        yield
    except OutputError:
        raise
    except OSError as error:
        reason, step = error.strerror or str(error), "Free some space there, or choose another --output"
        if error.errno not in _FULL:
            step = "Choose another --output"
        raise OutputError(f"Cannot write {output}: {reason}. {step}. Nothing was changed there.") from None
    except duckdb.Error as error:
        reason = str(error).splitlines()[0][:200]
        raise OutputError(f"Cannot write {output}: {reason}. Nothing was changed there.") from None


def sync(path: Path) -> None:
    """Make a file's content, or a folder's names, durable."""
    if sys.platform == "win32" and path.is_dir():
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
