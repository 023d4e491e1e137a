"""Choose random convolutions for training series: how far apart their places are, their channels and their biases."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from recurra.tasks.series.convolutions import KERNELS, LENGTH, RandomConvolutions, base_kernels, convolve

FEATURES = 10_000
"""About so many features."""
MOST_DILATIONS = 32
MOST_CHANNELS = LENGTH
"""Channels that a convolution adds up, at most."""
SAMPLED = 8
"""Series that the biases of one convolution are taken from."""
WIDTH = 1e-3
"""How near a bias an output of standardised values is that counts in part: far above rounding, and far below what tells
series apart. A wider one blurs series that are flat but for a few peaks. Biases stand so far above their quantiles, so
that the outputs of a flat stretch, which all equal a quantile, are below, whatever rounding makes of them."""
_GOLDEN = (np.sqrt(5) + 1) / 2

Floats = NDArray[np.float32]


def fit_convolutions(
    series: Sequence[Floats], generator: np.random.Generator, features: int = FEATURES
) -> RandomConvolutions:
    """Return convolutions for series [T_n, V] with about so many features, 84 at least.

    The places of a kernel are up to an eighth of the median length apart; biases are quantiles of what the convolutions
    of a few series, drawn at random, put out.
    """
    length = int(np.median([len(values) for values in series]))
    dilations = chosen_dilations(length, min(MOST_DILATIONS, max(1, features // KERNELS)))
    each = max(1, round(features / (KERNELS * len(dilations))))
    width = series[0].shape[1]
    channels = np.stack([_channels(width, generator) for _ in dilations])
    biases = np.empty((len(dilations), KERNELS, each), dtype=np.float32)
    shares = (np.arange(1, KERNELS * each + 1) * _GOLDEN % 1).reshape(KERNELS, each)
    for place, dilation in enumerate(dilations):
        weights = channels[place][:, :, None] * base_kernels()[:, None, :]
        drawn = generator.choice(len(series), min(SAMPLED, len(series)), replace=False)
        outputs = np.concatenate([convolve(series[row], weights, int(dilation)) for row in drawn], axis=1)  # [84, T]
        ordered = np.sort(outputs, axis=1)
        at = shares * (ordered.shape[1] - 1)
        below = np.minimum(at.astype(np.int64), max(0, ordered.shape[1] - 2))
        above = np.minimum(below + 1, ordered.shape[1] - 1)
        low, high = (np.take_along_axis(ordered, index, axis=1) for index in (below, above))
        biases[place] = low + (high - low) * (at - below) + WIDTH
    return RandomConvolutions(dilations, channels, biases, np.full(biases.shape[:2], WIDTH, dtype=np.float32))


def chosen_dilations(length: int, most: int) -> NDArray[np.int32]:
    """Return rising distances, `most` at most, evenly spaced in their logarithm; a kernel fits into `length`."""
    longest = max(1, (length - 1) // (LENGTH - 1))
    return np.unique(np.floor(np.geomspace(1, longest, most)).astype(np.int32))


def _channels(width: int, generator: np.random.Generator) -> Floats:
    """Return the channels of each kernel, [84, V] of 0 and 1: few more often than many, one at least."""
    most = min(width, MOST_CHANNELS)
    counts = np.floor(2 ** generator.uniform(0, np.log2(most + 1), KERNELS)).astype(int)
    chosen = np.zeros((KERNELS, width), dtype=np.float32)
    for row, count in zip(chosen, counts, strict=True):
        row[generator.choice(width, count, replace=False)] = 1
    return chosen
