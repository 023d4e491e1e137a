"""How far new rows are from those of a training: distances of distributions, and what chance would make of them."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

SIMULATED = 400
"""Draws by which it is found how far shares are apart by chance."""
POINTS = 101
"""Quantiles that stand for a distribution."""

Floats = NDArray[np.float64]


def quantiles(values: ArrayLike) -> list[float]:
    """Return POINTS values that stand for a distribution: from the least to the largest, as many values between any two
    of them. [] without values."""
    given = np.asarray(values, dtype=np.float64)
    if not len(given):
        return []
    return [float(value) for value in np.quantile(given, np.linspace(0, 1, POINTS), method="nearest")]


def pooled_quantiles(one: list[float], rows: int, two: list[float], others: int) -> list[float]:
    """Return POINTS values that stand for two samples together, of so many `rows` and `others`, of which
    `quantiles` are given. Where one has none, those of the other."""
    if not one or not two:
        return one or two
    values = np.array([*one, *two])
    weights = np.repeat([rows / len(one), others / len(two)], [len(one), len(two)])
    order = np.argsort(values, kind="stable")
    below = np.cumsum(weights[order]) - weights[order] / 2
    places = np.searchsorted(below, np.linspace(below[0], below[-1], POINTS), side="left")
    return [float(value) for value in values[order][np.minimum(places, len(values) - 1)]]


def ks_distance(one: ArrayLike, two: ArrayLike) -> float:
    """Return the Kolmogorov-Smirnov distance of two samples: the largest difference of cumulated shares, 0 to 1."""
    first, second = (np.sort(np.asarray(values, dtype=np.float64)) for values in (one, two))
    every = np.concatenate([first, second])
    below = (np.searchsorted(values, every, side="right") / len(values) for values in (first, second))
    return float(np.abs(np.subtract(*below)).max())


def ks_chance(one: int, two: int) -> float:
    """Return the distance that samples of so many rows from one distribution have in 19 of 20 cases at most: Smirnov's
    bound, with the coarseness of POINTS quantiles added."""
    return 1.358 * math.sqrt((one + two) / (one * two)) + 1 / POINTS


def js_distance(one: ArrayLike, two: ArrayLike) -> float:
    """Return the Jensen-Shannon distance of two lists of shares of the same kinds: the root of the divergence to base
    2, 0 where they are equal, 1 where they have nothing in common. Lin, 1991, "Divergence measures based on the Shannon
    entropy"."""
    first, second = (np.asarray(values, dtype=np.float64) for values in (one, two))
    first, second = first / first.sum(), second / second.sum()
    middle = (first + second) / 2

    def entropy(shares: Floats) -> float:
        positive = shares[shares > 0]
        return float(-(positive * np.log2(positive)).sum())

    return math.sqrt(max(0.0, entropy(middle) - (entropy(first) + entropy(second)) / 2))


def js_chance(shares: ArrayLike, rows: int, seed: int = 0) -> float:
    """Return the distance from `shares` that those of so many rows drawn by them have in 19 of 20 cases at most."""
    given = np.asarray(shares, dtype=np.float64)
    given = given / given.sum()
    drawn = np.random.default_rng(seed).multinomial(rows, given, size=SIMULATED)
    return float(np.percentile([js_distance(one, given) for one in drawn], 95))
