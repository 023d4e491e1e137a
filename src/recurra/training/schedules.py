"""The learning rate as a pure function of the step, so that a resumed run needs no schedule state."""

from __future__ import annotations

import math
from collections.abc import Callable


def one_cycle(step: int, steps: int, peak: float) -> float:
    """Rise by a half cosine from peak/25 over the first quarter, then fall to nearly nothing.

    step: 0 <= step < steps. Source: Smith and Topin, 2018, Super-convergence; shaped as in torch's OneCycleLR.
    """
    rise = 0.25 * steps
    low, end = peak / 25, peak / 25e4
    if step < rise:
        return _half_cosine(low, peak, step / rise)
    return _half_cosine(peak, end, (step - rise) / max(1.0, steps - 1 - rise))


def constant(step: int, steps: int, peak: float) -> float:
    """The same rate all the way."""
    return peak


def _half_cosine(start: float, end: float, share: float) -> float:
    return end + (start - end) * (1 + math.cos(math.pi * min(1.0, share))) / 2


SCHEDULES: dict[str, Callable[[int, int, float], float]] = {"one-cycle": one_cycle, "constant": constant}
