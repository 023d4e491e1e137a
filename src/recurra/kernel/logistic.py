"""The arguments of the kernel's logistic regression: see logistic.h for the fields."""

from __future__ import annotations

import ctypes
from ctypes import c_double, c_int64, c_uint64, c_void_p

LANES = (8, 4, 2, 1)
"""How many classes the kernel can solve side by side."""


class Rows(ctypes.Structure):
    """Chosen rows of a sparse matrix."""

    _fields_ = [
        ("rows", c_int64),
        ("row", c_void_p),
        ("features", c_int64),
        *((name, c_void_p) for name in ("indptr", "indices", "values", "label")),
    ]


class Logistic(ctypes.Structure):
    """Some classes, each against all others."""

    _fields_ = [
        ("data", Rows),
        *((name, c_int64) for name in ("first", "lanes")),
        *((name, c_void_p) for name in ("scale", "offset", "each")),
        *((name, c_double) for name in ("c", "bias", "tolerance")),
        ("iterations", c_int64),
        ("seed", c_uint64),
        ("warm", c_int64),
        *((name, c_void_p) for name in ("share", "weight")),
        ("violation", c_double),
    ]


class ClassCounts(ctypes.Structure):
    """In how many rows of each class each feature is."""

    _fields_ = [("data", Rows), ("classes", c_int64), ("count", c_void_p)]


class Products(ctypes.Structure):
    """The chosen rows times a matrix."""

    _fields_ = [("data", Rows), ("columns", c_int64), ("weight", c_void_p), ("out", c_void_p)]
