"""The scores of forecasts of many series: each series has its own, and their means have intervals over the series.

MASE divides the absolute errors by those of the seasonal naive forecast inside the training part of the series, so
that series of different units can be averaged, and 1 is what repeating the last season gets there. Source: Hyndman and
Koehler, 2006, Another look at measures of forecast accuracy. sMAPE is that of the M4 competition, as a share from 0 to
2. CRPS is approximated by the pinball losses of the quantiles, twice their mean, and scaled like MASE (Gneiting and
Raftery, 2007, Strictly proper scoring rules).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from recurra.errors import DataError
from recurra.evaluation.grouped import compare_ratios
from recurra.evaluation.intervals import middle, resampled_means, wilson

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Forecast:
    """The forecast of one series beside what came.

    truth: [H], NaN where it is not known. quantiles: [H, Q], none smaller than the one before it. scale: of the errors,
    see `seasonal_scale`; None where the series has none.
    """

    truth: Floats
    quantiles: Floats
    scale: float | None


def seasonal_scale(history: ArrayLike, season: int) -> float | None:
    """Return the mean absolute difference of a history [T] from a season earlier; NaN values count for nothing.

    Where it is no longer than a season, from the value before. None where nothing differs: nothing can be scaled.
    """
    values = np.asarray(history, dtype=np.float64)
    for lag in (season, 1):
        if len(values) > lag:
            differences = np.abs(values[lag:] - values[:-lag])
            differences = differences[np.isfinite(differences)]
            if len(differences) and (mean := float(differences.mean())) > 0:
                return mean
    return None


def pinball(truth: Floats, quantiles: Floats, levels: Sequence[float]) -> Floats:
    """Return the pinball losses [H, Q] of quantiles [H, Q] of the given levels."""
    errors, shares = truth[:, None] - quantiles, np.asarray(levels)
    return np.asarray(np.maximum(shares * errors, (shares - 1) * errors))


def score_forecasts(forecasts: Sequence[Forecast], levels: Sequence[float], seed: int = 0) -> dict[str, Any]:
    """Return the scores of the forecasts of N series, ready for JSON.

    levels: [Q] of the quantiles, rising and symmetric about 0.5, which is one of them. Values of the truth that are not
    known count for nothing, and neither do series without any.

    Returns rows (series), values (of the truth); mase, crps (of series with a scale), smape, each the mean over the
    series, with `_ci95` over the series (None with one); coverage: the share of the values between the outermost
    quantiles, with `_ci95`, over the series too; nominal_coverage: what it should be; unscaled_series; per_series:
    mase, smape, crps, coverage of each, in their order.
    Raises DataError where there is no series with a value.
    """
    levels = list(levels)
    middle_level = levels.index(0.5)
    per_series = [_score(forecast, levels, middle_level) for forecast in forecasts]
    judged = [one for one in per_series if one["values"]]
    if not judged:
        raise DataError("There is no value to judge the forecasts by.")
    counts = np.array([one["values"] for one in judged], dtype=np.float64)
    inside = np.array([one["inside"] for one in judged], dtype=np.float64)
    result: dict[str, Any] = {"rows": len(judged), "values": int(counts.sum())}
    for name in ("mase", "smape", "crps"):
        values = np.array([one[name] for one in judged if one[name] is not None])
        result[name] = float(values.mean()) if len(values) else None
        result[f"{name}_ci95"] = middle(resampled_means(values, seed), len(values)) if len(values) else None
    covered = float(inside.sum() / counts.sum())
    drawn = resampled_means(inside, seed) / np.maximum(resampled_means(counts, seed), 1e-12)
    interval = middle(drawn, len(judged), share=True) or list(wilson(int(inside.sum()), int(counts.sum())))
    result |= {"coverage": covered, "coverage_ci95": interval, "nominal_coverage": levels[-1] - levels[0]}
    result["unscaled_series"] = sum(one["mase"] is None for one in judged)
    result["per_series"] = [{name: one[name] for name in ("mase", "smape", "crps", "coverage")} for one in per_series]
    return result


def compare_forecasts(first: Sequence[float | None], second: Sequence[float | None]) -> dict[str, Any]:
    """Return whether one set of scores of series, such as their MASE, is smaller than another of the same series.

    Series without one are left out. Returns difference (of the means, the first less the second), difference_ci95 and
    p_value, two-sided, over the series: see `grouped.compare_ratios`. Raises DataError where no series has both.
    """
    pairs = np.array([pair for pair in zip(first, second, strict=True) if None not in pair], dtype=np.float64)
    if not len(pairs):
        raise DataError("No series has both scores to compare.")
    return compare_ratios(pairs[:, 0], pairs[:, 1], np.ones(len(pairs)), np.arange(len(pairs)))


def _score(forecast: Forecast, levels: Sequence[float], middle_level: int) -> dict[str, Any]:
    known = np.isfinite(forecast.truth)
    truth, quantiles = forecast.truth[known], forecast.quantiles[known]
    if not len(truth):
        return {"values": 0, "inside": 0, "mase": None, "smape": None, "crps": None, "coverage": None}
    if not np.isfinite(quantiles).all():
        raise DataError("A forecast has values that are not finite.")
    point = quantiles[:, middle_level]
    error, size = np.abs(truth - point), np.abs(truth) + np.abs(point)
    relative = np.divide(2 * error, size, out=np.zeros_like(error), where=size > 0)
    inside = int(((truth >= quantiles[:, 0]) & (truth <= quantiles[:, -1])).sum())
    scale = forecast.scale
    crps = 2 * float(pinball(truth, quantiles, levels).mean())
    scaled = None if scale is None or not math.isfinite(scale) or scale <= 0 else scale
    return {
        "values": len(truth),
        "inside": inside,
        "mase": None if scaled is None else float(error.mean()) / scaled,
        "smape": float(relative.mean()),
        "crps": None if scaled is None else crps / scaled,
        "coverage": inside / len(truth),
    }
