"""The forecasts of statistical methods, each fitted to one series by itself: those of the library statsforecast.

They are there with the extra `forecast`. Exponential smoothing: Hyndman et al., 2002, A state space framework for
automatic forecasting using exponential smoothing methods; Theta: Assimakopoulos and Nikolopoulos, 2000, The theta
model.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.terminal.progress import Reporter
from recurra.training.split import draw

LIBRARY = "statsforecast"
MOST = 200
"""Series that they answer: of more, so many are drawn at random."""
LONGEST_SEASON = 24
"""AutoETS knows no longer one."""
LEVEL = 80
"""Percent of their interval: that between the outer quantiles of the model."""

Floats = NDArray[np.float64]


def forecasts(
    histories: Sequence[Floats], season: int, horizon: int, seed: int, reporter: Reporter
) -> dict[str, list[Floats | None]]:
    """Return the quantiles [H, 3] of 10, 50 and 90 % that each method has for each history [T], None where it has none.

    Nothing without the library. Missing values are put on the line between their neighbours.
    """
    if find_spec(LIBRARY) is None:
        return {}
    models = import_module(f"{LIBRARY}.models")
    methods: dict[str, Callable[[], Any]] = {
        "AutoETS": lambda: models.AutoETS(season_length=season if season <= LONGEST_SEASON else 1),
        "AutoTheta": lambda: models.AutoTheta(season_length=season),
    }
    rows = draw(np.arange(len(histories)), MOST, seed)
    if len(rows) < len(histories):
        reporter.info(f"AutoETS and AutoTheta answer {len(rows):,} of {len(histories):,} series, drawn at random.")
    found: dict[str, list[Floats | None]] = {}
    for name, method in methods.items():
        answers: list[Floats | None] = [None] * len(histories)
        for row in rows.tolist():
            answers[row] = _answer(method(), _filled(histories[row]), horizon)
        if failed := sum(answers[row] is None for row in rows.tolist()):
            reporter.info(f"{name} could not be fitted to {failed:,} of {len(rows):,} series.")
        if any(answer is not None for answer in answers):
            found[name] = answers
    return found


def _answer(method: Any, values: Floats, horizon: int) -> Floats | None:
    """Return the quantiles [H, 3] for a series; None where the method cannot be fitted to it."""
    try:
        said = method.forecast(y=values, h=horizon, level=[LEVEL])
    except Exception:  # the library raises bare ones, such as for a series that is too short
        return None
    quantiles = np.stack([np.asarray(said[name], dtype=np.float64) for name in _NAMES], axis=1)
    return np.sort(quantiles, axis=1) if np.isfinite(quantiles).all() else None


_NAMES = (f"lo-{LEVEL}", "mean", f"hi-{LEVEL}")


def _filled(values: Floats) -> Floats:
    known = np.flatnonzero(np.isfinite(values))
    return np.asarray(np.interp(np.arange(len(values)), known, values[known]))
