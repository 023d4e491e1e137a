"""The arguments of the kernel's functions of n-grams: see ngrams.h for the fields."""

from __future__ import annotations

import ctypes
from ctypes import c_int64, c_void_p


class Ngrams(ctypes.Structure):
    """Rows of token ids, and how their n-grams are numbered."""

    _fields_ = [
        *((name, c_void_p) for name in ("ids", "start", "length")),
        *((name, c_int64) for name in ("rows", "words", "order", "buckets")),
        ("multiplier", c_void_p),
    ]


class DistinctNgrams(ctypes.Structure):
    """The distinct features of each row."""

    _fields_ = [("ngrams", Ngrams), ("pointer", c_void_p), ("index", c_void_p)]


class NgramSums(ctypes.Structure):
    """Sums of weights over the distinct features of each row."""

    _fields_ = [
        ("ngrams", Ngrams),
        ("weight", c_void_p),
        ("columns", c_int64),
        ("sum", c_void_p),
        ("distinct", c_void_p),
    ]
