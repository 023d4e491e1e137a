"""Shape buckets: sizes of matrix products rounded up so that few different ones occur.

oneDNN, which multiplies bfloat16 on CPUs, compiles code for every shape of a product that it meets and keeps it, half a
megabyte each. Every ragged batch has shapes of its own; rounded up, most of them have occurred before, which saves both
the compilation and the memory. See docs/explanation/performance.md for the figures.
"""

from __future__ import annotations

_SMALLEST = 64
_PER_OCTAVE = 8
"""Buckets between a power of two and the next."""


def pad_to_bucket(size: int) -> int:
    """Return the smallest bucket of at least `size`: an eighth larger at most, or the next multiple of 64."""
    step = max(_SMALLEST, (1 << size.bit_length()) // (2 * _PER_OCTAVE))
    return -(-size // step) * step
