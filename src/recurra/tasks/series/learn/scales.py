"""What makes the numbers of training series, and those to predict, about 0 and 1."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

LEAST_DEVIATION = 1e-6
"""Relative to the mean; a value that varies less is taken to be constant."""

Floats = NDArray[np.float32]


def value_scales(frames: Sequence[Floats], channels: int) -> tuple[Floats, Floats]:
    """Return the mean and the deviation [V] of each value of frames [T_n, V]; those of marks are 0 and 1.

    The deviation of a value that does not vary is 1.
    """
    whole = np.concatenate(frames)
    mean, deviation = whole.mean(axis=0, dtype=np.float64), whole.std(axis=0, dtype=np.float64)
    mean[channels:], deviation[channels:] = 0, 1
    flat = deviation <= LEAST_DEVIATION * np.maximum(1, np.abs(mean))
    return mean.astype(np.float32), np.where(flat, 1, deviation).astype(np.float32)


def number_scale(targets: NDArray[np.number]) -> tuple[float, float]:
    """Return the mean and the deviation of training targets [N]; a deviation of 1 where all are equal."""
    deviation = float(np.std(targets))
    return float(np.mean(targets)), deviation if deviation > 0 else 1.0
