"""What a metric is: a number about rows, written once as a function of their weights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

Integers = NDArray[np.int64]
Weighted = Callable[[Floats], Floats]
"""Weights [R, N], none negative, to values [R]; NaN where a weighting leaves the metric undefined."""


@dataclass(frozen=True)
class Metric:
    """One number about probabilities [N, K] and targets [N].

    Attributes:
        title: what a reader calls it.
        meaning: what it measures, in one plain sentence.
        higher_is_better: the good direction.
        prepare: from probabilities [N, K] and targets [N] to the function of weights.
    """

    title: str
    meaning: str
    higher_is_better: bool
    prepare: Callable[[Floats, Integers], Weighted]

    def __call__(self, probabilities: Floats, targets: Integers) -> float:
        """Return the value over all rows, each counted once; NaN where it is undefined."""
        return float(self.prepare(probabilities, targets)(np.ones((1, len(targets))))[0])
