"""Sizes for matrix products, rounded up so that few different ones occur.

oneDNN, which multiplies bfloat16 on CPUs, compiles code for every shape of a product that it meets and keeps it, half a
megabyte each. Every ragged batch has shapes of its own: rounded up, most of them were met before, which saves both the
compilation and the memory. See docs/explanation/performance.md for the figures.
"""

from __future__ import annotations

_LEAST = 64
_STEPS = 8
"""Sizes between a power of two and the next."""


def rounded_up(size: int) -> int:
    """Return `size` or a little more: at most an eighth, or up to a multiple of 64."""
    step = max(_LEAST, (1 << size.bit_length()) // (2 * _STEPS))
    return -(-size // step) * step
