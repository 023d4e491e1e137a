"""Intervals about predicted numbers that hold what they promise: split conformal prediction.

On rows that the model has not learnt from, it is seen how far predictions are off; the half-width of an interval is
such an error, the one that so many rows do not exceed. Where the rows to come are like those, the interval holds the
truth with at least the stated probability, whatever the model (Vovk, Gammerman and Shafer, 2005, Algorithmic learning
in a random world; Lei et al., 2018, Distribution-free predictive inference for regression). With groups of predictions
that each have a half-width of their own, it does so in each group (Mondrian). Shapes: N rows, G groups.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from recurra.errors import DataError
from recurra.evaluation.intervals import RESAMPLES, draws, middle, wilson
from recurra.evaluation.metric import Floats

GROUPS = (2, 3, 5, 8)
"""Numbers of groups that are tried beside one."""
FEWEST_ROWS = 100
"""Rows that a group has at least."""
FOLDS = 10


@dataclass(frozen=True)
class ConformalIntervals:
    """Half-widths of intervals by what was predicted.

    level: the share of the rows whose truth an interval is to hold. edges: [G - 1], rising: a prediction up to the
    first is of the first group, one beyond it and up to the second of the second, and so on. widths: [G], half the
    width of the interval in each group. lowest, highest: what no interval and no prediction goes beyond, the least and
    the largest target of training.
    """

    level: float
    edges: tuple[float, ...]
    widths: tuple[float, ...]
    lowest: float
    highest: float

    def clipped(self, predictions: ArrayLike) -> Floats:
        """Return predictions [N] within the targets of training."""
        return np.clip(np.asarray(predictions, dtype=np.float64), self.lowest, self.highest)

    def around(self, predictions: ArrayLike) -> tuple[Floats, Floats]:
        """Return the lower and upper ends [N] of the intervals about predictions [N]."""
        middles = self.clipped(predictions)
        half = np.asarray(self.widths)[np.searchsorted(np.asarray(self.edges), middles, side="left")]
        return np.maximum(middles - half, self.lowest), np.minimum(middles + half, self.highest)


def fit_intervals(
    predictions: ArrayLike,
    targets: ArrayLike,
    level: float,
    *,
    lowest: float,
    highest: float,
    seed: int = 0,
) -> ConformalIntervals:
    """Return the intervals of rows [N] that the model has not learnt from.

    Groups are formed where the rows show, part of them judged by the others, that intervals of groups are narrower or
    miss less: by the interval score of Gneiting and Raftery (2007), the width plus what it misses by times 2 / (1 -
    level). Raises DataError where the arrays do not fit or the level is not between 0 and 1.
    """
    found, truth = _checked(predictions, targets)
    if not 0 < level < 1:
        raise DataError(f"The level of an interval lies between 0 and 1, not {level}.")
    found = np.clip(found, lowest, highest)
    candidates = [1, *(groups for groups in GROUPS if len(truth) >= groups * FEWEST_ROWS)]
    best = 1
    if len(candidates) > 1:
        folds = np.random.default_rng(seed).permutation(len(truth)) % FOLDS

        def cost(groups: int) -> float:
            scores = np.empty(len(truth))
            for fold in range(FOLDS):
                judged = folds == fold
                fitted = _fit(found[~judged], truth[~judged], level, groups, lowest, highest)
                scores[judged] = interval_scores(*fitted.around(found[judged]), truth[judged], level)
            return float(scores.mean())

        best = min(candidates, key=cost)
    return _fit(found, truth, level, best, lowest, highest)


def _fit(
    predictions: Floats, targets: Floats, level: float, groups: int, lowest: float, highest: float
) -> ConformalIntervals:
    cuts = np.quantile(predictions, np.arange(1, groups) / groups, method="lower")
    edges = np.unique(cuts[cuts < predictions.max()])
    group = np.searchsorted(edges, predictions, side="left")
    errors = np.abs(predictions - targets)
    widths = tuple(half_width(errors[group == number], level, highest - lowest) for number in range(len(edges) + 1))
    return ConformalIntervals(level, tuple(edges.tolist()), widths, lowest, highest)


def half_width(errors: Floats, level: float, widest: float) -> float:
    """Return the error [n] that is the ceil((n + 1) level)-th from the least: one more row's exceeds it with a
    probability of 1 - level at most. Where n is too small for the level, `widest`, which nothing exceeds."""
    place = math.ceil((len(errors) + 1) * level - 1e-9)
    return float(np.partition(errors, place - 1)[place - 1]) if 0 < place <= len(errors) else float(widest)


def interval_scores(low: Floats, high: Floats, targets: Floats, level: float) -> Floats:
    """Return the interval score of each row [N]: the less the better."""
    missed = np.maximum(low - targets, 0) + np.maximum(targets - high, 0)
    return np.asarray(high - low + 2 / (1 - level) * missed)


def score_intervals(low: ArrayLike, high: ArrayLike, targets: ArrayLike, level: float, seed: int = 0) -> dict[str, Any]:
    """Return what intervals [N] are worth on rows whose targets [N] are known, ready for JSON.

    level; coverage, the share of the targets in them, and coverage_ci95 (Wilson's); width, the mean, and width_ci95 (a
    bootstrap's); interval_score, the mean of `interval_scores`.
    """
    lower, truth = _checked(low, targets)
    upper, _ = _checked(high, targets)
    inside = (lower <= truth) & (truth <= upper)
    widths = upper - lower
    drawn = np.concatenate([weights @ widths / len(truth) for weights in draws(len(truth), RESAMPLES, seed)])
    return {
        "level": level,
        "coverage": float(inside.mean()),
        "coverage_ci95": list(wilson(int(inside.sum()), len(truth))),
        "width": float(widths.mean()),
        "width_ci95": middle(drawn, len(truth)),
        "interval_score": float(interval_scores(lower, upper, truth, level).mean()),
    }


def _checked(found: ArrayLike, targets: ArrayLike) -> tuple[Floats, NDArray[np.float64]]:
    values, truth = np.asarray(found, dtype=np.float64), np.asarray(targets, dtype=np.float64)
    if values.ndim != 1 or values.shape != truth.shape or not len(truth):
        raise DataError(f"Each row needs one prediction and one target, not {values.shape} and {truth.shape}.")
    if not (np.isfinite(values).all() and np.isfinite(truth).all()):
        raise DataError("Predictions and targets must be finite numbers.")
    return values, truth
