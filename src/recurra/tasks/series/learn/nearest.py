"""The baseline of a model of series: the answer of the nearest training series, by dynamic time warping.

For labels that is the classifier which new ones are measured against (Bagnall and others, 2017, The great time series
classification bake off). What it costs is bounded: long series are shortened, and where there are many, places may
differ less along a path and fewer of them are compared; `Nearest.name` says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

import numpy as np
from numpy.typing import NDArray

from recurra.evaluation.time_warping import envelopes, lower_bounds, squared_distances

NAME = "nearest series by dynamic time warping"

LONGEST = 512
"""Most steps of a series; of a longer training set, neighbouring steps of all series are averaged."""
CELLS = 10_000_000
"""Pairs of steps that are compared to answer one series, at most: 1,000 series of 100 steps."""
BAND = 0.1
"""Share of the longest series by which places may differ where all of them would be too many."""
BLOCK = 2**22
"""Pairs of steps that are compared together."""
FEWEST, FIRST = 16, 64
"""Series that are compared together: at least, and at first, when no answer is known that could rule out others."""
FAR = 1e6
"""Standard deviations beyond which a value counts as so many."""

Floats = NDArray[np.float32]
Targets = NDArray[np.int64] | NDArray[np.float64]


class Nearest:
    """Training series and their targets. name: what the baseline is, and what was bounded.

    band: see `squared_distances`. stack: the steps that are averaged.
    """

    def __init__(
        self, series: Sequence[Floats], targets: Targets, band: int | None, stack: int, scale: _Scale, name: str
    ) -> None:
        """series: [T_n, V] each, scaled and shortened; targets: [N]."""
        self.name, self.band, self.stack = name, band, stack
        self._scale, self._targets = scale, targets
        self._lengths = np.array([len(one) for one in series])
        self._series = np.zeros((int(self._lengths.max()), len(series), series[0].shape[1]), dtype=np.float32)
        for row, one in enumerate(series):
            self._series[: len(one), row] = one
        self._whole = envelopes(self._series, self._lengths, None)
        self._near = None if band is None else envelopes(self._series, self._lengths, band)

    def __len__(self) -> int:
        return len(self._lengths)

    def predict(self, frames: Sequence[Floats]) -> Targets:
        """Return the target [N] of the training series nearest to each series [T_n, V]."""
        rows = [self._nearest(shortened(self._scale(one), self.stack)) for one in frames]
        return self._targets[rows]

    def _nearest(self, series: Floats) -> int:
        """Return the row of the training series nearest to [S, V], the first in the order of their bounds of several.

        What is further away by its lower bound than a series that is already known is not compared.
        """
        bounds = lower_bounds(series, *self._whole)
        if self._near is not None:
            alike = np.flatnonzero(np.abs(self._lengths - len(series)) <= (self.band or 0))
            lowest, highest = (one[: len(series), alike] for one in self._near)
            bounds[alike] = lower_bounds(series, lowest, highest)
        order = np.argsort(bounds, kind="stable")
        nearest, least = int(order[0]), np.inf
        most = max(FEWEST, int(BLOCK / (len(series) * _compared(len(self._series), self.band))))
        begun, size = 0, min(FIRST, most)
        while begun < len(order) and bounds[order[begun]] <= least:
            rows = order[begun : begun + size]
            rows = rows[bounds[rows] <= least]
            lengths = self._lengths[rows]
            found = squared_distances(series, self._series[: lengths.max(), rows], lengths, self.band)
            if found.min() < least:
                nearest, least = int(rows[found.argmin()]), float(found.min())
            begun, size = begun + size, most
        return nearest


def fit_nearest(frames: Sequence[Floats], targets: Targets, *, seed: int = 0, cells: int = CELLS) -> Nearest:
    """Return the baseline of training series [T_n, V] and their targets [N], numbers of labels (integers) or numbers.

    cells: the most pairs of steps that are compared to answer one series. Where fewer series are kept, they are drawn
    at random, of each label evenly.
    """
    scale = _Scale(frames)
    stack = ceil(max(len(one) for one in frames) / LONGEST)
    series = [shortened(scale(one), stack) for one in frames]
    said = [] if stack == 1 else [f"the means of {stack} steps"]
    lengths = np.array([len(one) for one in series])
    usual, band = float(lengths.mean()), None
    if lengths.sum() * usual > cells:
        band = max(1, round(BAND * int(lengths.max())))
        usual = _compared(usual, band)
        said.append(f"within {BAND:.0%} of the length".replace("%", " %"))
    rows = np.arange(len(series))
    if lengths.sum() * usual > cells:
        count = max(1, int(cells / (usual * lengths.mean())))
        rows = drawn_evenly(targets, count, np.random.default_rng(seed))
        said.append(f"{len(rows):,} of {len(series):,} series")
    name = ", ".join([NAME, *said])
    return Nearest([series[row] for row in rows], targets[rows], band, stack, scale, name)


def drawn_evenly(targets: Targets, count: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return about `count` rows in order: of each label as many, at least 1, where targets are labels."""
    order = rng.permutation(len(targets))
    if not np.issubdtype(targets.dtype, np.integer):
        return np.sort(order[:count])
    places = np.empty(len(targets), dtype=np.int64)  # of a row among those of its label
    for label in np.unique(targets):
        rows = order[targets[order] == label]
        places[rows] = np.arange(len(rows))
    kept = order[np.argsort(places[order], kind="stable")]
    return np.sort(kept[: max(count, int((places == 0).sum()))])


def shortened(series: Floats, stack: int) -> Floats:
    """Return the means [ceil(T / stack), V] of `stack` neighbouring frames of a series [T, V]; of fewer at its end."""
    if stack == 1:
        return series
    begins = np.arange(0, len(series), stack)
    counts = np.diff(np.append(begins, len(series)))
    return np.asarray(np.add.reduceat(series, begins, axis=0) / counts[:, None], dtype=np.float32)


def _compared(length: float, band: int | None) -> float:
    """Return how many steps of a series of a length are compared with each of another one, about."""
    return length if band is None else min(length, 3 * band + 1)


class _Scale:
    """Standardises each value by its mean and deviation over all frames of training series [T_n, V]."""

    def __init__(self, frames: Sequence[Floats]) -> None:
        whole = np.concatenate(frames).astype(np.float64)
        self._mean, deviation = whole.mean(axis=0), whole.std(axis=0)
        flat = deviation <= 1e-6 * np.maximum(1, np.abs(self._mean))
        self._deviation = np.where(flat, 1, deviation)

    def __call__(self, series: Floats) -> Floats:
        standard = (series.astype(np.float64) - self._mean) / self._deviation
        return np.asarray(np.clip(standard, -FAR, FAR), dtype=np.float32)
