"""The arguments of the kernel's function that runs exponential smoothings: see smoothing.h for the fields."""

from __future__ import annotations

import ctypes
from ctypes import c_double, c_int64, c_void_p


class Smoothing(ctypes.Structure):
    """Smoothings of one series, and what their mean would have said after each step."""

    _fields_ = [
        ("values", c_void_p),
        *((name, c_int64) for name in ("steps", "season", "horizon", "count", "logarithms")),
        *((name, c_void_p) for name in ("alpha", "beta", "phi", "line", "gamma", "damped")),
        *((name, c_void_p) for name in ("level", "slope", "seasonal")),
        *((name, c_double) for name in ("sharpness", "slow", "prior", "least", "tiny", "highest")),
        *((name, c_void_p) for name in ("middle", "spread", "errors", "weight")),
    ]
