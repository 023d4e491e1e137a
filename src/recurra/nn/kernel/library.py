"""The compiled library through ctypes, which lets go of Python's lock for as long as a walk takes."""

from __future__ import annotations

import ctypes
import functools
from ctypes import POINTER, c_char_p, c_int, c_int64, c_void_p
from pathlib import Path

import torch
from torch import Tensor

from recurra.nn.kernel.build import LIBRARY, SOURCES, digest

VERSION = 1  # of the interface, as in library.c
CELL_NUMBERS = {"rnn": 0, "gru": 1, "lstm": 2}
BLOCK = 16
"""The hidden size of a walk is a multiple of this."""


class Variant:
    """A walk compiled for an instruction set and a number format.

    number: as in library.c; dtype: of what lies in memory; lanes: floats in a register; terms: taken at once in a
    product.
    """

    def __init__(self, number: int, dtype: torch.dtype, lanes: int, terms: int) -> None:
        self.number, self.dtype, self.lanes, self.terms = number, dtype, lanes, terms

    def packed(self, matrix: Tensor, width: int) -> Tensor:
        """Lay out a matrix [K, N] as the kernel reads it, flat: `width` columns after another, `terms` rows paired."""
        parts = []
        for part in torch.split(matrix.to(self.dtype), width, dim=1):
            paired = part.reshape(part.shape[0] // self.terms, self.terms, part.shape[1])
            parts.append(paired.transpose(1, 2).reshape(-1))
        return parts[0].contiguous() if len(parts) == 1 else torch.cat(parts)


VARIANTS = {
    "avx512": Variant(0, torch.float32, 16, 1),
    "avx512_bf16": Variant(1, torch.bfloat16, 16, 2),
    "avx2": Variant(2, torch.float32, 8, 1),
}


class Walk(ctypes.Structure):
    """One direction of one layer over some rows: walk.h says what each field means."""

    _fields_ = [
        *((name, c_int64) for name in ("hidden", "rows", "steps", "time", "backward", "recording")),
        *((name, c_void_p) for name in ("row", "length", "active", "offset", "index", "projected")),
        ("projected_stride", c_int64),
        *((name, c_void_p) for name in ("weight", "bias", "saved", "state", "previous", "out")),
        *((name, c_int64) for name in ("out_row", "out_step")),
        *((name, c_void_p) for name in ("picked", "where")),
        *((name, c_int64) for name in ("picked_row", "largest")),
    ]


class Scatter(ctypes.Structure):
    """Where gradients are added up: walk.h says what each field means."""

    _fields_ = [
        *((name, c_int64) for name in ("begin", "end", "saved_stride", "saved_begin")),
        ("gradient", c_void_p),
        ("gradient_stride", c_int64),
    ]


class Library:
    """The compiled functions and the variants that this processor can run."""

    def __init__(self, path: Path) -> None:
        """Raises OSError where `path` cannot be loaded, AttributeError where it is another library."""
        functions = ctypes.CDLL(str(path))
        functions.recurra_digest.restype = c_char_p
        functions.recurra_ahead.argtypes = functions.recurra_back.argtypes = [c_int, c_int, POINTER(Walk)]
        functions.recurra_gather.argtypes = [c_int, POINTER(Walk), POINTER(Scatter)]
        self.version = int(functions.recurra_version())
        self.digest = functions.recurra_digest().decode()
        runs = functions.recurra_variants()
        self.variants = {name: variant for name, variant in VARIANTS.items() if runs >> variant.number & 1}
        self._functions = functions

    def variant(self, dtype: torch.dtype) -> Variant | None:
        """Return the best variant for numbers of `dtype`, or None."""
        return next((variant for variant in self.variants.values() if variant.dtype == dtype), None)

    def ahead(self, variant: Variant, cell: str, walk: Walk) -> None:
        """Walk over all steps."""
        _check(self._functions.recurra_ahead(variant.number, CELL_NUMBERS[cell], walk))

    def back(self, variant: Variant, cell: str, walk: Walk) -> None:
        """Turn what `ahead` saved into gradients by the gates."""
        _check(self._functions.recurra_back(variant.number, CELL_NUMBERS[cell], walk))

    def gather(self, variant: Variant, walk: Walk, scatter: Scatter) -> None:
        """Add the gradients up by row of what was projected."""
        _check(self._functions.recurra_gather(variant.number, walk, scatter))


def _check(code: int) -> None:
    if code:
        raise MemoryError("there is no memory left for the recurrent kernel")


def opened(directory: Path) -> Library | None:
    """Return the library in `directory`, or None where there is none that fits this code and the sources beside it."""
    try:
        library = Library(directory / LIBRARY)
    except (OSError, AttributeError):
        return None
    return library if (library.version, library.digest) == (VERSION, digest(directory)) else None


@functools.cache
def library() -> Library | None:
    """Return this installation's library, or None where PyTorch has to do the work."""
    return opened(SOURCES)
