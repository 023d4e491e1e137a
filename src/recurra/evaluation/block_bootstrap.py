"""95 % intervals of a mean over one long text, whose symbols are no independent rows.

Neighbouring symbols share a topic, a speaker, a word. So whole blocks of neighbours are drawn again with replacement,
not single symbols. Source: Kuensch, 1989, The jackknife and the bootstrap for general stationary observations.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recurra.evaluation.intervals import Interval, resampled_means

BLOCKS = 200
"""The most blocks of a text."""
SHORTEST = 20
"""The fewest values of a block."""
FEWEST_BLOCKS = 10
"""With fewer blocks there is no interval: draws of a few blocks repeat the same few values, so it would be far too
narrow, and a point where there is one block."""


def block_means(values: NDArray[np.floating | np.bool_]) -> NDArray[np.float64]:
    """Return the means of equal blocks of values [N] in order; a remainder that fills no block belongs to the last."""
    values = values.astype(np.float64)
    blocks = max(1, min(BLOCKS, len(values) // SHORTEST))
    edges = np.arange(blocks) * (len(values) // blocks)
    sizes = np.diff(np.append(edges, len(values)))
    return np.asarray(np.add.reduceat(values, edges) / sizes, dtype=np.float64)


def block_interval(values: NDArray[np.floating | np.bool_], seed: int = 0) -> Interval | None:
    """Return the 95 % interval of the mean of values [N] in the order of the text, N >= 1.

    None where they make fewer than `FEWEST_BLOCKS` blocks: nothing can be said of so short a text.
    """
    means = block_means(values)
    if len(means) < FEWEST_BLOCKS:
        return None
    low, high = np.quantile(resampled_means(means, seed), [0.025, 0.975])
    return float(low), float(high)
