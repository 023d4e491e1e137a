"""The arguments of the kernel's functions that count pairs of neighbours: see pairs.h for the fields."""

from __future__ import annotations

import ctypes
from ctypes import c_int64, c_void_p

LEVELS = 5
"""The most numbers at one position that become features."""


class Sequences(ctypes.Structure):
    """Rows of numbers."""

    _fields_ = [("x", c_void_p), ("offset", c_void_p), ("rows", c_int64)]


class PairCounts(ctypes.Structure):
    """The pairs in enough rows."""

    _fields_ = [
        ("sequences", Sequences),
        *((name, c_int64) for name in ("passes", "one_pass", "least")),
        *((name, c_void_p) for name in ("key", "in_rows")),
        ("found", c_int64),
    ]


class PairNumbers(ctypes.Structure):
    """The number of the pair that begins at each position."""

    _fields_ = [("sequences", Sequences), ("key", c_void_p), ("count", c_int64), ("number", c_void_p)]


class RowFeatures(ctypes.Structure):
    """The distinct features of each row, from several numbers at each position."""

    _fields_ = [
        ("offset", c_void_p),
        ("rows", c_int64),
        ("levels", c_int64),
        ("x", c_void_p * LEVELS),
        ("base", c_int64 * LEVELS),
        ("features", c_int64),
        *((name, c_void_p) for name in ("pointer", "index", "count")),
    ]
