"""How much the network counts for each series: chosen on rolling origins that it has not learnt from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SHARES = np.linspace(0, 1, 11)
OWN = 2.0
"""The windows of a series say so many times as much of it as all series together do."""
WORTH = 0.02
"""The network counts for nothing where it would lower the error by a smaller share."""
LARGEST = 8.0
"""Errors are counted up to so many spreads of the anchor."""

Floats = NDArray[np.floating]


@dataclass(frozen=True)
class Shares:
    """own: [S] of each series; general: for any other one; gain: by how much, as a share, the whole correction lowers
    the error on average over the series; 0 where there were no windows to judge by."""

    own: NDArray[np.float64]
    general: float
    gain: float


def chosen_shares(middle: Floats, errors: Floats, series: NDArray[np.int64], count: int) -> Shares:
    """Return the shares for `count` series.

    middle: [N, H], the error of the anchor that the network expected; errors: [N, H], that it was, NaN where not known;
    both in units of its spread. series: [N], the number of each window's series.
    """
    losses = np.ones((count, len(SHARES)))  # relative to those of the anchor
    judged = []
    for number in range(count):
        rows = series == number
        known = np.isfinite(errors[rows])
        if not known.any():
            continue
        off, said = errors[rows][known], middle[rows][known]
        found = np.array([np.minimum(np.abs(off - share * said), LARGEST).mean() for share in SHARES])
        if found[0] > 0:
            losses[number] = found / found[0]
            judged.append(number)
    if not judged:
        return Shares(np.zeros(count), 0.0, 0.0)
    general = losses[judged].mean(axis=0)
    losses[np.setdiff1d(np.arange(count), judged)] = general
    own = (OWN * losses + general) / (OWN + 1)
    return Shares(_best(own), float(_best(general[None])[0]), 1 - float(general[-1]))


def _best(losses: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the share [S] with the least of losses [S, shares]; 0 where it is hardly less than the anchor's, 1."""
    return np.where(losses.min(axis=1) <= 1 - WORTH, SHARES[losses.argmin(axis=1)], 0.0)
