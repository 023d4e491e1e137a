"""Answers to be judged, made up but not trivial."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

Classified = Callable[..., tuple[NDArray[np.float64], NDArray[np.int64]]]


@pytest.fixture(scope="session")
def classified() -> Classified:
    """Return a maker of random probabilities [rows, classes], better than chance, and targets [rows]."""

    def make(
        rows: int, classes: int, seed: int, decimals: int | None = None
    ) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        generator = np.random.default_rng(seed)
        targets = generator.integers(0, classes, rows)
        logits = generator.normal(size=(rows, classes))
        logits[np.arange(rows), targets] += 1.0
        if decimals is not None:  # few distinct scores: many ties
            logits = np.round(logits, decimals)
        powers = np.exp(logits)
        return powers / powers.sum(axis=1, keepdims=True), targets

    return make
