"""The scores of predicted numbers on rows that were not learnt from, each with its interval.

As in `classification.py`, a metric is prepared for its rows and then computed for each weighting of them, so that a
figure and its interval come from one formula. Shapes: N rows, R weightings.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from recurra.errors import DataError
from recurra.evaluation.grouped import compare_ratios
from recurra.evaluation.intervals import RESAMPLES, draws, middle
from recurra.evaluation.metric import Floats, Integers, Weighted


@dataclass(frozen=True)
class NumberMetric:
    """One number about predictions [N] and targets [N]: see `metric.Metric`."""

    title: str
    meaning: str
    higher_is_better: bool
    prepare: Callable[[Floats, Floats], Weighted]

    def __call__(self, predictions: Floats, targets: Floats) -> float:
        """Return the value over all rows, each counted once; NaN where it is undefined."""
        return float(self.prepare(predictions, targets)(np.ones((1, len(targets))))[0])


def _mae(predictions: Floats, targets: Floats) -> Weighted:
    errors = np.abs(predictions - targets)
    return lambda weights: weights @ errors / weights.sum(axis=1)


def _rmse(predictions: Floats, targets: Floats) -> Weighted:
    errors = np.square(predictions - targets)
    return lambda weights: np.sqrt(weights @ errors / weights.sum(axis=1))


def _r2(predictions: Floats, targets: Floats) -> Weighted:
    """1 less the squared errors over those of the mean of the targets; NaN where all targets are equal."""
    errors, centred = np.square(predictions - targets), targets - targets.mean()

    def values(weights: Floats) -> Floats:
        total = weights.sum(axis=1)
        spread = weights @ np.square(centred) - np.square(weights @ centred) / total
        return 1 - _over(weights @ errors, spread, float(np.square(centred).sum()))

    return values


def _spearman(predictions: Floats, targets: Floats) -> Weighted:
    """Pearson's correlation of the ranks, equal values sharing the mean of theirs; NaN where all are equal."""
    orders = [_ranking(predictions), _ranking(targets)]

    def values(weights: Floats) -> Floats:
        total = weights.sum(axis=1, keepdims=True)
        first, second = (_ranks(weights, *order) - (total + 1) / 2 for order in orders)
        products = (weights * first * second).sum(axis=1)
        spreads = (weights * first**2).sum(axis=1) * (weights * second**2).sum(axis=1)
        return _over(products, np.sqrt(spreads), 1.0)

    return values


def _ranking(values: Floats) -> tuple[Integers, Integers]:
    """Return (the group of equal values of each row [N], counted from the least; the order of the rows by value)."""
    _, group = np.unique(values, return_inverse=True)
    return group.astype(np.int64), np.argsort(group, kind="stable")


def _ranks(weights: Floats, group: Integers, order: Integers) -> Floats:
    """Return the mean rank [R, N] of each row among as many copies of the rows as the weights [R, N] say."""
    starts = np.flatnonzero(np.r_[True, np.diff(group[order]) > 0])
    sizes = np.add.reduceat(weights[:, order], starts, axis=1)  # [R, groups]
    last = np.cumsum(sizes, axis=1)
    return np.asarray((last - sizes + 1 + last)[:, group] / 2)


def _over(above: Floats, below: Floats, scale: float) -> Floats:
    """Return above / below [R]; NaN where `below` is no more than what rounding leaves of `scale`."""
    defined = below > 1e-12 * max(scale, 1e-300)
    return np.asarray(np.divide(above, below, out=np.full(len(below), np.nan), where=defined), dtype=np.float64)


METRICS: dict[str, NumberMetric] = {
    "mae": NumberMetric("Mean absolute error", "How far a prediction is off, on average.", False, _mae),
    "rmse": NumberMetric("Root mean squared error", "The same with large errors counting more.", False, _rmse),
    "r2": NumberMetric("R²", "The share of the variance that is explained; 0 is what the mean gets.", True, _r2),
    "spearman": NumberMetric("Spearman's rank correlation", "Whether the order is right.", True, _spearman),
}
"""Name in `metrics.json` to metric. Order is the order of tables."""


def score_numbers(predictions: ArrayLike, targets: ArrayLike, seed: int = 0) -> dict[str, Any]:
    """Return rows, each metric of `METRICS` (None where it is undefined) and `<metric>_ci95` [low, high].

    predictions, targets: [N], finite. The rows are drawn again with replacement for the intervals, which are None where
    they are undefined: with one row, and where all targets are equal. Raises DataError where the arrays do not fit.
    """
    found, truth = _checked(predictions, targets)
    drawn: dict[str, list[Floats]] = {name: [] for name in METRICS}
    prepared = {name: metric.prepare(found, truth) for name, metric in METRICS.items()}
    for weights in draws(len(truth), RESAMPLES, seed):
        for name, function in prepared.items():
            drawn[name].append(function(weights))
    result: dict[str, Any] = {"rows": len(truth)}
    for name, metric in METRICS.items():
        value, resampled = metric(found, truth), np.concatenate(drawn[name])
        defined = resampled[np.isfinite(resampled)]
        result[name] = value if math.isfinite(value) else None
        known = math.isfinite(value) and len(defined) > 0
        result[f"{name}_ci95"] = middle(defined, len(truth)) if known else None
    return result


def compare_errors(predictions: ArrayLike, others: ArrayLike, targets: ArrayLike) -> dict[str, Any]:
    """Return whether one set of predictions [N] has smaller absolute errors than another on the same rows.

    Returns difference (in the mean absolute error, the first less the other), difference_ci95 and p_value: see
    `grouped.compare_ratios`, each row a group of its own. Raises DataError where the arrays do not fit.
    """
    found, truth = _checked(predictions, targets)
    other, _ = _checked(others, targets)
    rows = np.arange(len(truth))
    return compare_ratios(np.abs(found - truth), np.abs(other - truth), np.ones(len(truth)), rows)


def _checked(predictions: ArrayLike, targets: ArrayLike) -> tuple[Floats, Floats]:
    found, truth = np.asarray(predictions, dtype=np.float64), np.asarray(targets, dtype=np.float64)
    if found.shape != truth.shape or found.ndim != 1:
        raise DataError(f"Each row needs one prediction and one target, not {found.shape} and {truth.shape}.")
    if not len(truth):
        raise DataError("There are no rows to evaluate. Is the file empty, or were all its rows set aside?")
    if not (np.isfinite(found).all() and np.isfinite(truth).all()):
        raise DataError("Predictions and targets must be finite numbers.")
    return found, truth
