"""The compiled library through ctypes, which releases Python's global lock while the kernel runs."""

from __future__ import annotations

import ctypes
import functools
from collections.abc import Sequence
from contextlib import suppress
from ctypes import POINTER, c_char_p, c_float, c_int, c_int64, c_void_p
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from recurra.kernel.build import LIBRARY, SOURCES, digest
from recurra.kernel.layout import GATES, REDUCED_WIDTH, Reduction
from recurra.kernel.logistic import ClassCounts, Logistic, Products
from recurra.kernel.ngrams import DistinctNgrams, NgramSums
from recurra.kernel.pairs import PairCounts, PairNumbers, RowFeatures
from recurra.kernel.smoothing import Smoothing

if TYPE_CHECKING:
    from recurra.kernel.ragged import Part, Ragged

VERSION = 10  # of the interface, as in library.c
CELL_NUMBERS = {"rnn": 0, "gru": 1, "lstm": 2, "mingru": 3, "minlstm": 4}
BLOCK = 16
"""The hidden size of a recurrence is a multiple of this."""


@dataclass(frozen=True)
class Variant:
    """The kernel compiled for one instruction set and one number format.

    number: as in library.c; dtype: of the numbers in memory; lanes: floats in a register.
    """

    number: int
    dtype: Literal["float32", "bfloat16"]
    lanes: int


VARIANTS = {
    "avx512": Variant(0, "float32", 16),
    "avx512_bf16": Variant(1, "bfloat16", 16),
    "avx2": Variant(2, "float32", 8),
}


class Recurrence(ctypes.Structure):
    """One direction of one layer over some rows: see recurrence.h for the fields."""

    _fields_ = [
        *((name, c_int64) for name in ("hidden", "rows", "steps", "time", "backward", "recording")),
        *((name, c_void_p) for name in ("row", "length", "active", "offset", "index", "projected")),
        ("projected_stride", c_int64),
        *((name, c_void_p) for name in ("weight", "bias", "saved", "state", "previous", "out")),
        *((name, c_int64) for name in ("out_row", "out_step")),
        *((name, c_void_p) for name in ("reduced", "source_step", "sum")),
        *((name, c_int64) for name in ("reduced_row", "take_max")),
        ("grad_bias", c_void_p),
    ]


class Gather(ctypes.Structure):
    """A sum of gradients by row of `projected`: see recurrence.h for the fields."""

    _fields_ = [
        ("recurrence", POINTER(Recurrence)),
        *((name, c_int64) for name in ("count", "rows", "begin", "end", "saved_stride", "saved_begin")),
        ("gradient", c_void_p),
        ("gradient_stride", c_int64),
        ("total", c_void_p),
    ]


class Linear(ctypes.Structure):
    """Rows times a packed matrix: see recurrence.h for the fields."""

    _fields_ = [
        *((name, c_int64) for name in ("rows", "terms", "columns")),
        *((name, c_void_p) for name in ("row", "x")),
        ("x_row", c_int64),
        *((name, c_void_p) for name in ("weight", "bias", "out")),
        ("out_row", c_int64),
    ]


class Adam(ctypes.Structure):
    """A step of Adam on some rows: see recurrence.h for the fields."""

    _fields_ = [
        *((name, c_int64) for name in ("begin", "end", "width")),
        *((name, c_void_p) for name in ("value", "first", "second", "row", "gradient")),
        ("count", c_int64),
        *((name, c_float) for name in ("scale", "beta1", "beta2", "rate", "root", "epsilon")),
    ]


class Pack(ctypes.Structure):
    """The packed layout of a matrix: see recurrence.h for the fields."""

    _fields_ = [
        ("matrix", c_void_p),
        *((name, c_int64) for name in ("terms", "columns", "term_stride", "column_stride", "width", "gates", "roll")),
        ("out", c_void_p),
    ]


def new_recurrence(
    ragged: Ragged,
    part: Part,
    direction: int,
    hidden: int,
    index: int,
    reduction: Reduction,
    out: int,
    width: int,
    size: int,
    source_step: int,
) -> Recurrence:
    """Return the recurrence of one direction (1: backward) over a part of the rows, without weights, input and state.

    hidden: H, a multiple of `BLOCK`. index: address of [B, T] int32. out: address of [B, T, width] numbers of `size`
    bytes or, reduced, of [B, width] float32. source_step: address of [B, width] int32, the steps from which a maximum
    or a last state was taken. All arrays must outlive the recurrence.
    """
    job = Recurrence()
    job.hidden, job.rows, job.steps = hidden, len(part.row), len(part.active)
    job.time, job.backward, job.index = ragged.time, direction, index
    job.row, job.length = part.row.ctypes.data, part.length.ctypes.data
    job.active, job.offset = part.active.ctypes.data, part.offset.ctypes.data
    begin = direction * hidden
    if reduction == "all":
        job.out, job.out_row, job.out_step = out + size * begin, ragged.time * width, width
        return job
    job.reduced_row = width
    if reduction in ("max", "last", "max_and_sum"):
        job.reduced, job.source_step, job.take_max = out + 4 * begin, source_step + 4 * begin, reduction != "last"
    if reduction in ("sum", "max_and_sum"):
        job.sum = out + 4 * (begin + width - width // REDUCED_WIDTH[reduction])
    return job


class Library:
    """The compiled functions, and the variants that this processor can run."""

    def __init__(self, path: Path) -> None:
        """Raises OSError where `path` cannot be loaded, AttributeError where it lacks a function of this interface."""
        functions, several = ctypes.CDLL(str(path)), (c_int64, c_int)
        functions.recurra_digest.restype = c_char_p
        functions.recurra_forward.argtypes = functions.recurra_backward.argtypes = [
            c_int,
            c_int,
            POINTER(Recurrence),
            *several,
        ]
        functions.recurra_forward_helped.argtypes = [c_int, c_int, POINTER(Recurrence), c_int64]
        functions.recurra_gather.argtypes = [c_int, POINTER(Gather), *several]
        functions.recurra_linear.argtypes = [c_int, POINTER(Linear)]
        functions.recurra_adam.argtypes = [c_int, POINTER(Adam), *several]
        functions.recurra_threads.argtypes = [c_void_p]
        functions.recurra_pack.argtypes = [c_int, POINTER(Pack)]
        functions.recurra_distinct_ngrams.argtypes = [POINTER(DistinctNgrams)]
        functions.recurra_ngram_sums.argtypes = [POINTER(NgramSums)]
        functions.recurra_logistic.argtypes = [POINTER(Logistic)]
        functions.recurra_class_counts.argtypes = [POINTER(ClassCounts)]
        functions.recurra_products.argtypes = [POINTER(Products)]
        functions.recurra_pair_counts.argtypes = [POINTER(PairCounts)]
        functions.recurra_pair_numbers.argtypes = [POINTER(PairNumbers)]
        functions.recurra_row_features.argtypes = [POINTER(RowFeatures)]
        functions.recurra_smoothing.argtypes = [c_int, POINTER(Smoothing)]
        self.version = int(functions.recurra_version())
        self.digest = functions.recurra_digest().decode()
        runs = functions.recurra_variants()
        self.variants = {name: variant for name, variant in VARIANTS.items() if runs >> variant.number & 1}
        self._functions = functions

    @property
    def signature(self) -> str:
        """The build and the instruction sets: two equal signatures compute the same bits."""
        return f"{self.digest[:12]} {'+'.join(self.variants)}"

    def share_threads(self) -> None:
        """Use the threads of the process's OpenMP library, which torch loads, besides the caller's."""
        with suppress(OSError, AttributeError):
            shared = ctypes.CDLL("libgomp.so.1").GOMP_parallel
            self._functions.recurra_threads(ctypes.cast(shared, c_void_p))

    def variant(self, dtype: str) -> Variant | None:
        """Return the best variant for numbers of `dtype` (float32 or bfloat16), or None."""
        return next((variant for variant in self.variants.values() if variant.dtype == dtype), None)

    def forward(self, variant: Variant, cell: str, recurrences: Sequence[Recurrence], threads: int = 1) -> None:
        """Run each recurrence over all its steps, on up to `threads` threads."""
        jobs = (Recurrence * len(recurrences))(*recurrences)
        _check(self._functions.recurra_forward(variant.number, CELL_NUMBERS[cell], jobs, len(jobs), threads))

    def forward_helped(self, variant: Variant, cell: str, recurrences: Sequence[Recurrence]) -> None:
        """Run each recurrence over all its steps, with the library's own helper thread where that one is free."""
        jobs = (Recurrence * len(recurrences))(*recurrences)
        _check(self._functions.recurra_forward_helped(variant.number, CELL_NUMBERS[cell], jobs, len(jobs)))

    def backward(self, variant: Variant, cell: str, recurrences: Sequence[Recurrence], threads: int = 1) -> None:
        """Turn what `forward` saved into gradients with respect to the gates' inputs, in place."""
        jobs = (Recurrence * len(recurrences))(*recurrences)
        _check(self._functions.recurra_backward(variant.number, CELL_NUMBERS[cell], jobs, len(jobs), threads))

    def gather(self, variant: Variant, gathers: Sequence[Gather], threads: int = 1) -> None:
        """Sum the gradients of the gates' inputs over all steps that read the same row of `projected`."""
        jobs = (Gather * len(gathers))(*gathers)
        _check(self._functions.recurra_gather(variant.number, jobs, len(jobs), threads))

    def adam(self, variant: Variant, parts: Sequence[Adam], threads: int = 1) -> None:
        """Take a step of Adam on each part of a table. variant: one of float32."""
        jobs = (Adam * len(parts))(*parts)
        _check(self._functions.recurra_adam(variant.number, jobs, len(jobs), threads))

    def linear(self, variant: Variant, linear: Linear) -> None:
        """Multiply rows by a packed matrix."""
        _check(self._functions.recurra_linear(variant.number, linear))

    def pack_forward(self, variant: Variant, cell: str, hidden: int, weight: int, out: int) -> None:
        """Pack weight_hh [G*H, H], float32 at address `weight`, for `forward`, in the variant's format at `out`.

        The gates of the units of one register lie together; an RNN, without gates, has more units there instead.
        """
        gates = GATES[cell] if cell != "rnn" else 0
        width = (gates or 4) * variant.lanes
        self._pack(variant, Pack(weight, hidden, GATES[cell] * hidden, 1, hidden, width, gates, 0, out))

    def pack_backward(self, variant: Variant, cell: str, hidden: int, weight: int, out: int) -> None:
        """Pack weight_hh for `backward`, its rows in the order of the gates' gradients: n, r, z for a GRU."""
        roll = hidden if cell == "gru" else 0
        self._pack(variant, Pack(weight, GATES[cell] * hidden, hidden, hidden, 1, 4 * variant.lanes, 0, roll, out))

    def pack_linear(self, variant: Variant, terms: int, columns: int, weight: int, out: int) -> None:
        """Pack a weight [columns, terms] for `linear`."""
        self._pack(variant, Pack(weight, terms, columns, 1, terms, 4 * variant.lanes, 0, 0, out))

    def _pack(self, variant: Variant, pack: Pack) -> None:
        _check(self._functions.recurra_pack(variant.number, pack))

    def smoothing(self, job: Smoothing) -> None:
        """Run exponential smoothings over the steps of a series, on any processor."""
        variant = self.variant("float32")
        _check(self._functions.recurra_smoothing(-1 if variant is None else variant.number, job))

    # These need no instruction set. Arguments out of range raise ValueError.

    def distinct_ngrams(self, job: DistinctNgrams) -> None:
        """Write the distinct features of each row."""
        _check(self._functions.recurra_distinct_ngrams(job))

    def ngram_sums(self, job: NgramSums) -> None:
        """Write the sum of the weights of each row's distinct features."""
        _check(self._functions.recurra_ngram_sums(job))

    def logistic(self, job: Logistic) -> None:
        """Fit logistic regression."""
        _check(self._functions.recurra_logistic(job))

    def class_counts(self, job: ClassCounts) -> None:
        """Count the rows of each class that each feature is in."""
        _check(self._functions.recurra_class_counts(job))

    def products(self, job: Products) -> None:
        """Multiply sparse rows by a matrix."""
        _check(self._functions.recurra_products(job))

    def pair_counts(self, job: PairCounts) -> None:
        """Find the pairs of neighbours in enough rows."""
        _check(self._functions.recurra_pair_counts(job))

    def pair_numbers(self, job: PairNumbers) -> None:
        """Write the number of the pair at each position."""
        _check(self._functions.recurra_pair_numbers(job))

    def row_features(self, job: RowFeatures) -> None:
        """Write the distinct features of each row."""
        _check(self._functions.recurra_row_features(job))


def _check(code: int) -> None:
    if code == 1:
        raise MemoryError("there is not enough memory for the recurrent kernel")
    if code == 3:
        raise ValueError("an id, a row or a size is out of range")
    if code:
        raise RuntimeError(f"the recurrent kernel has no such variant (code {code})")


def open_library(directory: Path) -> Library | str:
    """Return the library in `directory`; or, unless it was built from the sources beside it for this code, why not."""
    path = directory / LIBRARY
    if not path.exists():
        return "it was not built when Recurra was installed, for want of a C compiler on x86-64 Linux"
    try:
        library = Library(path)
    except (OSError, AttributeError) as error:
        return f"{path} cannot be loaded ({error})"
    if (library.version, library.digest) != (VERSION, digest(directory)):
        return f"{path} was built from other sources"
    return library


@functools.cache
def library() -> Library | None:
    """Return this installation's library, or None where there is none: PyTorch or ONNX Runtime computes instead."""
    found = open_library(SOURCES)
    return found if isinstance(found, Library) else None


def state() -> str:
    """Return in a sentence whether this installation has the kernel, for which instruction sets, and else why not."""
    found = open_library(SOURCES)
    if isinstance(found, Library) and found.variants:
        return f"Kernel: {', '.join(found.variants)}."
    reason = "this processor has none of its instruction sets" if isinstance(found, Library) else found
    return (
        f"No kernel: {reason}. PyTorch trains and ONNX Runtime answers instead, more slowly; with a compiler, install "
        "Recurra again."
    )
