"""How wide the band must be to cover as much as it says: conformal prediction on rolling origins, where old ones count
less.

Sources: Romano, Patterson and Candes, 2019, Conformalized quantile regression; here the score is the share of the
distance to the outer quantile, so that one factor widens wide bands more than narrow ones. Barber, Candes, Ramdas and
Tibshirani, 2023, Conformal prediction beyond exchangeability (the weights).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recurra.tasks.forecast.band import LEVELS

NARROWEST, WIDEST = 0.25, 10.0
"""Bounds of the factor."""
LEARNT = 0.5
"""How much of the distance is the network's; the rest is the usual one. What a network says of few windows varies."""
MEMORY = 4.0
"""Origins that are so many horizons older count for 1 / e. Errors of a few horizons are hardly more than a few numbers:
what is known of the rest of the history counts as well."""

Floats = NDArray[np.floating]


def band_factor(
    quantiles: Floats,
    errors: Floats,
    series: NDArray[np.int64],
    ages: NDArray[np.int64],
    levels: tuple[float, ...] = LEVELS,
) -> float:
    """Return the factor of the distance of the outer quantiles from the middle with which they cover their share.

    quantiles: [N, H, 3]; errors: [N, H] that they are of, NaN where not known; series: [N], the number of each window's
    series; ages: [N], the steps since. Each series counts the same. 1 where no error is known.
    """
    known = np.isfinite(errors)
    if not known.any():
        return 1.0
    below, middle, above = (quantiles[..., place] for place in range(3))
    off = np.where(known, errors, 0.0) - middle
    distance = np.maximum(np.where(off < 0, middle - below, above - middle), np.finfo(np.float32).tiny)
    scores = (np.abs(off) / distance)[known]
    of = np.broadcast_to(series[:, None], errors.shape)[known]
    old = np.broadcast_to(ages[:, None], errors.shape)[known]
    latest = np.full(int(of.max()) + 1, np.iinfo(np.int64).max)
    np.minimum.at(latest, of, old)
    weights = np.exp((latest[of] - old) / (MEMORY * errors.shape[1]))
    weights = weights / np.bincount(of, weights)[of]
    order = np.argsort(scores)
    reached = np.cumsum(weights[order]) / weights.sum()
    wanted = min(1.0, (levels[-1] - levels[0]) * (1 + 1 / len(scores)))
    place = min(int(np.searchsorted(reached, wanted - 1e-12)), len(scores) - 1)
    return float(np.clip(scores[order[place]], NARROWEST, WIDEST))
