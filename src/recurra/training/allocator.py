"""Ask the C library to keep the memory that it was given.

PyTorch's CPU tensors come from malloc. By default glibc returns large blocks to the kernel as soon as they are freed,
and every training step pays for the page faults again; this costs up to 40 % of the time on virtual machines.
"""

from __future__ import annotations

import ctypes
import sys

_M_TRIM_THRESHOLD, _M_TOP_PAD, _M_MMAP_MAX, _M_ARENA_MAX = -1, -2, -4, -8  # from glibc's malloc.h


def keep_freed_memory() -> bool:
    """Keep freed memory for reuse in this process. Returns whether the C library could be told (glibc only)."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):  # another C library, such as musl
        return False
    settings = ((_M_MMAP_MAX, 0), (_M_TRIM_THRESHOLD, 2**31 - 1), (_M_TOP_PAD, 64 * 2**20), (_M_ARENA_MAX, 1))
    return all(mallopt(setting, value) == 1 for setting, value in settings)
