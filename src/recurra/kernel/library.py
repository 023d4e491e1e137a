"""The compiled library through ctypes, which lets go of Python's lock for as long as a walk takes."""

from __future__ import annotations

import ctypes
import functools
from collections.abc import Sequence
from contextlib import suppress
from ctypes import POINTER, c_char_p, c_float, c_int, c_int64, c_void_p
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from recurra.kernel.build import LIBRARY, SOURCES, digest
from recurra.kernel.layout import GATES, PICKED, Pick
from recurra.kernel.ragged import Part, Ragged

VERSION = 3  # of the interface, as in library.c
CELL_NUMBERS = {"rnn": 0, "gru": 1, "lstm": 2}
BLOCK = 16
"""The hidden size of a walk is a multiple of this."""


@dataclass(frozen=True)
class Variant:
    """The walks compiled for an instruction set and a number format.

    number: as in library.c; dtype: of what lies in memory; lanes: floats in a register.
    """

    number: int
    dtype: Literal["float32", "bfloat16"]
    lanes: int


VARIANTS = {
    "avx512": Variant(0, "float32", 16),
    "avx512_bf16": Variant(1, "bfloat16", 16),
    "avx2": Variant(2, "float32", 8),
}


class Walk(ctypes.Structure):
    """One direction of one layer over some rows: walk.h says what each field means."""

    _fields_ = [
        *((name, c_int64) for name in ("hidden", "rows", "steps", "time", "backward", "recording")),
        *((name, c_void_p) for name in ("row", "length", "active", "offset", "index", "projected")),
        ("projected_stride", c_int64),
        *((name, c_void_p) for name in ("weight", "bias", "saved", "state", "previous", "out")),
        *((name, c_int64) for name in ("out_row", "out_step")),
        *((name, c_void_p) for name in ("picked", "where", "sum")),
        *((name, c_int64) for name in ("picked_row", "largest")),
        ("by_bias", c_void_p),
    ]


class Scatter(ctypes.Structure):
    """Where gradients are added up: walk.h says what each field means."""

    _fields_ = [
        ("walk", POINTER(Walk)),
        *((name, c_int64) for name in ("walks", "rows", "begin", "end", "saved_stride", "saved_begin")),
        ("gradient", c_void_p),
        ("gradient_stride", c_int64),
        ("whole", c_void_p),
    ]


class Linear(ctypes.Structure):
    """Rows times a packed matrix: walk.h says what each field means."""

    _fields_ = [
        *((name, c_int64) for name in ("rows", "terms", "columns")),
        *((name, c_void_p) for name in ("row", "x")),
        ("x_row", c_int64),
        *((name, c_void_p) for name in ("weight", "bias", "out")),
        ("out_row", c_int64),
    ]


class Adam(ctypes.Structure):
    """A step of Adam on some rows: walk.h says what each field means."""

    _fields_ = [
        *((name, c_int64) for name in ("begin", "end", "width")),
        *((name, c_void_p) for name in ("value", "first", "second", "row", "gradient")),
        ("count", c_int64),
        *((name, c_float) for name in ("scale", "beta1", "beta2", "rate", "root", "epsilon")),
    ]


class Pack(ctypes.Structure):
    """How a matrix is laid out: walk.h says what each field means."""

    _fields_ = [
        ("matrix", c_void_p),
        *((name, c_int64) for name in ("terms", "columns", "term_stride", "column_stride", "width", "gates", "roll")),
        ("out", c_void_p),
    ]


def walk_of(
    ragged: Ragged,
    part: Part,
    direction: int,
    hidden: int,
    index: int,
    pick: Pick,
    out: int,
    width: int,
    size: int,
    where: int,
) -> Walk:
    """Return a walk of one direction over a part of the rows. Its weights and what it keeps are still to be set.

    index, out, where: addresses of [B, T] int32, of [B, T, width] or what is picked, [B, width], numbers of `size`
    bytes, and of [B, width] int32. hidden: a multiple of `BLOCK`. All arrays must outlive the walk.
    """
    walk = Walk()
    walk.hidden, walk.rows, walk.steps = hidden, len(part.row), len(part.active)
    walk.time, walk.backward, walk.index = ragged.time, direction, index
    walk.row, walk.length = part.row.ctypes.data, part.length.ctypes.data
    walk.active, walk.offset = part.active.ctypes.data, part.offset.ctypes.data
    begin = direction * hidden
    if pick == "all":
        walk.out, walk.out_row, walk.out_step = out + size * begin, ragged.time * width, width
        return walk
    walk.picked_row = width
    if pick in ("largest", "last", "largest_and_sum"):
        walk.picked, walk.where, walk.largest = out + 4 * begin, where + 4 * begin, pick != "last"
    if pick in ("sum", "largest_and_sum"):
        walk.sum = out + 4 * (begin + width - width // PICKED[pick])
    return walk


class Library:
    """The compiled functions and the variants that this processor can run."""

    def __init__(self, path: Path) -> None:
        """Raises OSError where `path` cannot be loaded, AttributeError where it is another library."""
        functions, several = ctypes.CDLL(str(path)), (c_int64, c_int)
        functions.recurra_digest.restype = c_char_p
        functions.recurra_ahead.argtypes = functions.recurra_back.argtypes = [c_int, c_int, POINTER(Walk), *several]
        functions.recurra_ahead_helped.argtypes = [c_int, c_int, POINTER(Walk), c_int64]
        functions.recurra_gather.argtypes = [c_int, POINTER(Scatter), *several]
        functions.recurra_linear.argtypes = [c_int, POINTER(Linear)]
        functions.recurra_adam.argtypes = [c_int, POINTER(Adam), *several]
        functions.recurra_threads.argtypes = [c_void_p]
        functions.recurra_pack.argtypes = [c_int, POINTER(Pack)]
        self.version = int(functions.recurra_version())
        self.digest = functions.recurra_digest().decode()
        runs = functions.recurra_variants()
        self.variants = {name: variant for name, variant in VARIANTS.items() if runs >> variant.number & 1}
        self._functions = functions

    @property
    def signature(self) -> str:
        """What tells results of one build on one processor from those of others."""
        return f"{self.digest[:12]} {'+'.join(self.variants)}"

    def share_threads(self) -> None:
        """Run on the threads of the process's OpenMP library, which torch loads, rather than on the caller's alone."""
        with suppress(OSError, AttributeError):
            shared = ctypes.CDLL("libgomp.so.1").GOMP_parallel
            self._functions.recurra_threads(ctypes.cast(shared, c_void_p))

    def variant(self, dtype: str) -> Variant | None:
        """Return the best variant for numbers of `dtype` (float32 or bfloat16), or None."""
        return next((variant for variant in self.variants.values() if variant.dtype == dtype), None)

    def ahead(self, variant: Variant, cell: str, walks: Sequence[Walk], threads: int = 1) -> None:
        """Walk over all steps of each walk, so many at once."""
        jobs = (Walk * len(walks))(*walks)
        _check(self._functions.recurra_ahead(variant.number, CELL_NUMBERS[cell], jobs, len(jobs), threads))

    def ahead_helped(self, variant: Variant, cell: str, walks: Sequence[Walk]) -> None:
        """Walk over all steps of each walk, with the help of one thread of the library's own where it has time."""
        jobs = (Walk * len(walks))(*walks)
        _check(self._functions.recurra_ahead_helped(variant.number, CELL_NUMBERS[cell], jobs, len(jobs)))

    def back(self, variant: Variant, cell: str, walks: Sequence[Walk], threads: int = 1) -> None:
        """Turn what `ahead` saved into gradients by the gates."""
        jobs = (Walk * len(walks))(*walks)
        _check(self._functions.recurra_back(variant.number, CELL_NUMBERS[cell], jobs, len(jobs), threads))

    def gather(self, variant: Variant, scatters: Sequence[Scatter], threads: int = 1) -> None:
        """Add the gradients up by row of what was projected."""
        jobs = (Scatter * len(scatters))(*scatters)
        _check(self._functions.recurra_gather(variant.number, jobs, len(jobs), threads))

    def adam(self, variant: Variant, parts: Sequence[Adam], threads: int = 1) -> None:
        """Take a step of Adam on each part of a table. variant: one of float32."""
        jobs = (Adam * len(parts))(*parts)
        _check(self._functions.recurra_adam(variant.number, jobs, len(jobs), threads))

    def linear(self, variant: Variant, linear: Linear) -> None:
        """Multiply rows by a packed matrix."""
        _check(self._functions.recurra_linear(variant.number, linear))

    def pack_ahead(self, variant: Variant, cell: str, hidden: int, weight: int, out: int) -> None:
        """Lay out weight_hh [G*H, H], float32 at address `weight`, for `ahead`, in the variant's numbers at `out`.

        The gates of a register's units stand together; an RNN has as many units instead.
        """
        gates = GATES[cell] if cell != "rnn" else 0
        width = (gates or 4) * variant.lanes
        self._pack(variant, Pack(weight, hidden, GATES[cell] * hidden, 1, hidden, width, gates, 0, out))

    def pack_back(self, variant: Variant, cell: str, hidden: int, weight: int, out: int) -> None:
        """Lay out weight_hh for `back`. Its rows take the order of the gradients by the gates: for a GRU n, r, z."""
        roll = hidden if cell == "gru" else 0
        self._pack(variant, Pack(weight, GATES[cell] * hidden, hidden, hidden, 1, 4 * variant.lanes, 0, roll, out))

    def pack_linear(self, variant: Variant, terms: int, columns: int, weight: int, out: int) -> None:
        """Lay out a weight [columns, terms] for `linear`."""
        self._pack(variant, Pack(weight, terms, columns, 1, terms, 4 * variant.lanes, 0, 0, out))

    def _pack(self, variant: Variant, pack: Pack) -> None:
        _check(self._functions.recurra_pack(variant.number, pack))


def _check(code: int) -> None:
    if code == 1:
        raise MemoryError("there is no memory left for the recurrent kernel")
    if code:
        raise RuntimeError(f"the recurrent kernel does not know what it was asked for (code {code})")


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
