"""The metrics of classes that have an order: how many steps an answer is off, and how far it agrees with the truth.

As in `classification.py`, each is defined once as a function of row weights. The classes are numbered in their order;
an answer is the most probable class. Shapes: N rows, K classes, R weightings.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from recurra.errors import DataError
from recurra.evaluation.class_scores import checked
from recurra.evaluation.grouped import compare_ratios
from recurra.evaluation.intervals import bootstrap, wilson
from recurra.evaluation.metric import Floats, Integers, Metric, Weighted


def _off(probabilities: Floats, targets: Integers) -> Integers:
    """Return how many steps each answer is off [N]."""
    return np.asarray(np.abs(probabilities.argmax(axis=1) - targets), dtype=np.int64)


def _adjacent(probabilities: Floats, targets: Integers) -> Weighted:
    near = (_off(probabilities, targets) <= 1).astype(np.float64)
    return lambda weights: weights @ near / weights.sum(axis=1)


def _steps(probabilities: Floats, targets: Integers) -> Weighted:
    off = _off(probabilities, targets).astype(np.float64)
    return lambda weights: weights @ off / weights.sum(axis=1)


def _kappa(probabilities: Floats, targets: Integers) -> Weighted:
    """1 less the squared steps over those by chance, of answers and truths that are drawn apart from each other."""
    predicted = probabilities.argmax(axis=1).astype(np.float64)
    truth = targets.astype(np.float64)
    squares = np.square(predicted - truth)

    def values(weights: Floats) -> Floats:
        total = weights.sum(axis=1)
        one, other = weights @ predicted / total, weights @ truth / total
        chance = weights @ np.square(predicted) / total + weights @ np.square(truth) / total - 2 * one * other
        ratio = np.full(len(total), np.nan)
        np.divide(weights @ squares / total, chance, out=ratio, where=chance > 1e-12)
        return 1 - ratio

    return values


METRICS: dict[str, Metric] = {
    "adjacent_accuracy": Metric(
        "Adjacent accuracy", "The share of rows with the right answer, or one of its neighbours.", True, _adjacent
    ),
    "steps_off": Metric("Steps off", "How many steps an answer is off, on average.", False, _steps),
    "weighted_kappa": Metric(
        "Quadratic weighted kappa",
        "Agreement beyond chance, errors counting by the square of their steps; 1 is perfect, 0 is chance.",
        True,
        _kappa,
    ),
}
"""Name in `metrics.json` to metric. Order is the order of tables."""


def score_order(probabilities: ArrayLike, targets: ArrayLike, labels: Sequence[str], seed: int = 0) -> dict[str, Any]:
    """Return each metric of `METRICS` and `<metric>_ci95` [low, high] (None where it is undefined), ready for JSON.

    Where all labels are numbers also label_error, by how much the answers are off in their unit on average, with its
    interval. probabilities: [N, K]; targets: [N]; labels: the K names in their order. Raises DataError where the arrays
    do not fit each other.
    """
    chances, truth = checked(probabilities, targets, classes=len(labels))
    metrics = dict(METRICS)
    values = label_values(labels)
    if values is not None:
        metrics["label_error"] = Metric("", "", False, _label_error(values))
    intervals = bootstrap(metrics, chances, truth, seed)
    near = int((_off(chances, truth) <= 1).sum())
    intervals["adjacent_accuracy"] = wilson(near, len(truth))
    result: dict[str, Any] = {}
    for name, metric in metrics.items():
        value, interval = metric(chances, truth), intervals[name]
        result[name] = value if math.isfinite(value) else None
        known = interval is not None and math.isfinite(value) and len(truth) > 1
        result[f"{name}_ci95"] = list(interval) if known and interval is not None else None
    return result


def _label_error(values: Floats) -> Any:
    def prepare(probabilities: Floats, targets: Integers) -> Weighted:
        errors = np.abs(values[probabilities.argmax(axis=1)] - values[targets])
        return lambda weights: weights @ errors / weights.sum(axis=1)

    return prepare


def label_values(labels: Sequence[str]) -> Floats | None:
    """Return the numbers that labels are [K]; None where one of them is none."""
    try:
        values = np.array([float(label) for label in labels], dtype=np.float64)
    except ValueError:
        return None
    return values if np.isfinite(values).all() else None


def compare_steps(
    predicted: NDArray[np.integer[Any]], others: NDArray[np.integer[Any]], targets: NDArray[np.integer[Any]]
) -> dict[str, Any]:
    """Return whether one set of answers [N], class numbers, is fewer steps off than another on the same rows.

    Returns difference (of the mean steps, the first less the other), difference_ci95 and p_value: see
    `grouped.compare_ratios`, each row a group of its own. Raises DataError where the arrays do not fit.
    """
    if not len(targets) or not len(predicted) == len(others) == len(targets):
        raise DataError("A paired test needs both answers for each row, and at least one row.")
    own, rest = np.abs(predicted - targets), np.abs(others - targets)
    return compare_ratios(own, rest, np.ones(len(targets)), np.arange(len(targets)))
