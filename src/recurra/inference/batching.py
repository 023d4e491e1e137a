"""Batches of sequences of similar length, so that little of a batch is padding."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray


def batches_by_length(lengths: NDArray[np.int64], budget: int) -> Iterator[NDArray[np.intp]]:
    """Yield row numbers by falling length, each time as many as make `budget` tokens when padded; one at least."""
    order = np.argsort(-lengths, kind="stable")
    start = 0
    while start < len(order):
        size = max(1, budget // int(lengths[order[start]]))
        yield order[start : start + size]
        start += size
