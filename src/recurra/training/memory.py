"""How a process that trains handles memory: freed blocks are kept, compiled products within bounds.

PyTorch's CPU tensors come from malloc. By default glibc returns large blocks to the kernel as soon as they are freed,
and every training step pays for the page faults again; this costs up to 40 % of the time on virtual machines.

PyTorch and oneDNN each keep the compiled code of the last 1,024 shapes of matrix products, half a megabyte a shape, and
ragged batches have a new shape nearly every time.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys

_KEPT_SHAPES = "128"

_M_TRIM_THRESHOLD, _M_TOP_PAD, _M_MMAP_MAX, _M_ARENA_MAX = -1, -2, -4, -8  # from glibc's malloc.h


def prepare_memory() -> bool:
    """Keep freed memory for reuse, and compiled products within bounds, in this process. Call it before the first.

    Sets two environment variables, which child processes inherit. Returns whether the C library accepted the
    settings (glibc only).
    """
    _keep_few_shapes()
    if not sys.platform.startswith("linux"):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):  # another C library, such as musl
        return False
    settings = ((_M_MMAP_MAX, 0), (_M_TRIM_THRESHOLD, 2**31 - 1), (_M_TOP_PAD, 64 * 2**20), (_M_ARENA_MAX, 1))
    return all(mallopt(setting, value) == 1 for setting, value in settings)


def return_freed_memory() -> None:
    """Give the kernel what is free at this moment, as after work that needed more than what follows will (glibc)."""
    if sys.platform.startswith("linux"):
        with contextlib.suppress(OSError, AttributeError):  # another C library, such as musl
            ctypes.CDLL(None).malloc_trim(ctypes.c_size_t(0))


def _keep_few_shapes() -> None:
    """Both caches read these variables at their first product; values that the user has set are kept."""
    for name in ("LRU_CACHE_CAPACITY", "ONEDNN_PRIMITIVE_CACHE_CAPACITY"):
        os.environ.setdefault(name, _KEPT_SHAPES)
