"""The forecasts that every other one is compared with: the last season again, and a straight line."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from recurra.errors import DataError

Floats = NDArray[np.float64]


def seasonal_naive(history: ArrayLike, season: int, horizon: int) -> Floats:
    """Return the last season [H] over and over; of a history [T] no longer than a season, the last value.

    A value that is missing (NaN) there is that of the last season that has it, or else the last known value.
    Raises DataError for a history without a value.
    """
    values = _known(history)
    season = season if len(values) > season else 1
    latest = np.full(season, values[np.isfinite(values)][-1])  # by the place in the season of the last values
    for place in range(season):
        same = values[len(values) - season + place :: -season]
        if np.isfinite(same).any():
            latest[place] = same[np.isfinite(same)][0]
    return np.resize(latest, horizon)


def drift(history: ArrayLike, horizon: int) -> Floats:
    """Return the straight line [H] through the first and the last known value of a history [T].

    Raises DataError for a history without a value.
    """
    values = _known(history)
    places = np.flatnonzero(np.isfinite(values))
    first, last = int(places[0]), int(places[-1])
    slope = (values[last] - values[first]) / max(1, last - first)
    return np.asarray(values[last] + slope * (len(values) - 1 - last + np.arange(1, horizon + 1)))


def _known(history: ArrayLike) -> Floats:
    values = np.asarray(history, dtype=np.float64)
    if not np.isfinite(values).any():
        raise DataError("A series has no known value, so it cannot be continued.")
    return values
