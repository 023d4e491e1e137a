"""The scores of class probabilities on rows that were not learnt from: every number, its interval, and the mistakes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from recurra.errors import DataError
from recurra.evaluation.calibration import reliability
from recurra.evaluation.classification import METRICS
from recurra.evaluation.intervals import bootstrap, wilson
from recurra.evaluation.metric import Floats, Integers

DECIDED = ("accuracy", "macro_f1")
"""Metrics of the answers rather than of the probabilities."""


def score_classes(
    probabilities: ArrayLike,
    targets: ArrayLike,
    labels: Sequence[str],
    seed: int = 0,
    predicted: ArrayLike | None = None,
) -> dict[str, Any]:
    """Return everything measured on these rows, ready for JSON.

    Args:
        probabilities: [N, K], a row's probabilities add up to 1; K >= 2.
        targets: [N], the index of each row's true class.
        labels: the K class names.
        seed: of the bootstrap.
        predicted: [N], the index of each row's answer; None: the most probable class.

    Returns:
        rows; each metric of `METRICS` and `<metric>_ci95` [low, high] (None where it is undefined);
        confusion [K][K] (a line for each true class, a column for each prediction); per_class (label, precision,
        recall, f1, support); reliability (bins).

    Raises:
        DataError: the arrays do not fit each other, or the probabilities are not probabilities.
    """
    chances, truth = checked(probabilities, targets, classes=len(labels))
    said = chances.argmax(axis=1) if predicted is None else np.asarray(predicted, dtype=np.int64)
    correct = said == truth
    decided = chances if predicted is None else np.eye(len(labels))[said]
    intervals = bootstrap({name: m for name, m in METRICS.items() if name not in DECIDED}, chances, truth, seed)
    intervals |= bootstrap({"macro_f1": METRICS["macro_f1"]}, decided, truth, seed)
    intervals["accuracy"] = wilson(int(correct.sum()), len(truth))
    result: dict[str, Any] = {"rows": len(truth)}
    for name, metric in METRICS.items():
        value, interval = metric(decided if name in DECIDED else chances, truth), intervals[name]
        result[name] = value if math.isfinite(value) else None
        result[f"{name}_ci95"] = None if interval is None else list(interval)
    classes = len(labels)
    confusion = np.bincount(truth * classes + said, minlength=classes**2).reshape(classes, classes)
    result["confusion"] = confusion.tolist()
    result["per_class"] = per_class(confusion, labels)
    result["reliability"] = reliability(chances, truth)
    return result


def per_class(confusion: Integers, labels: Sequence[str]) -> list[dict[str, Any]]:
    """Return label, precision, recall, f1 and support of each class from a confusion matrix [K, K]; 0 for 0 / 0."""
    hits = confusion.diagonal()
    support, predicted = confusion.sum(axis=1), confusion.sum(axis=0)
    return [
        {
            "label": label,
            "precision": float(hits[k] / predicted[k]) if predicted[k] else 0.0,
            "recall": float(hits[k] / support[k]) if support[k] else 0.0,
            "f1": float(2 * hits[k] / (support[k] + predicted[k])) if support[k] + predicted[k] else 0.0,
            "support": int(support[k]),
        }
        for k, label in enumerate(labels)
    ]


def confident_mistakes(
    probabilities: ArrayLike,
    targets: ArrayLike,
    k: int = 20,
    labels: Sequence[str] | None = None,
    answers: ArrayLike | None = None,
) -> list[dict[str, Any]]:
    """Return the k wrong answers given with most confidence, surest first; the earlier row first among equals.

    Args:
        probabilities: [N, K].
        targets: [N].
        k: how many at most.
        labels: the K class names; with them truth and predicted are names, without them class indexes.
        answers: [N], the index of each row's answer; None: the most probable class.

    Returns:
        For each: row (its index, from 0), truth, predicted, probability (of the predicted class).

    Raises:
        DataError: the arrays do not fit each other, or the probabilities are not probabilities.
    """
    chances, truth = checked(probabilities, targets)
    predicted = chances.argmax(axis=1) if answers is None else np.asarray(answers, dtype=np.int64)
    confidence = chances[np.arange(len(predicted)), predicted]
    wrong = np.flatnonzero(predicted != truth)
    surest = wrong[np.argsort(-confidence[wrong], kind="stable")][: max(0, k)]
    return [
        {
            "row": int(row),
            "truth": int(truth[row]) if labels is None else labels[truth[row]],
            "predicted": int(predicted[row]) if labels is None else labels[predicted[row]],
            "probability": float(confidence[row]),
        }
        for row in surest
    ]


def checked(probabilities: ArrayLike, targets: ArrayLike, classes: int | None = None) -> tuple[Floats, Integers]:
    """Return probabilities [N, K] as float64, each row scaled to add up to exactly 1, and targets [N] as int64.

    Raises:
        DataError: no rows, fewer than two classes, shapes that do not fit, probabilities that are negative, not a
            number or add up to something else than 1 (within 0.001), or a target that is not a class.
    """
    chances, truth = np.asarray(probabilities, dtype=np.float64), np.asarray(targets)
    if chances.ndim != 2 or chances.shape[1] < 2 or chances.shape[1] != (classes or chances.shape[1]):
        shape = f"[rows, {classes}]" if classes else "[rows, at least 2 classes]"
        raise DataError(f"Probabilities must have the shape {shape}, not {chances.shape}.")
    if truth.shape != chances.shape[:1]:
        raise DataError(f"Each row needs one target: {chances.shape[0]} rows of probabilities, targets {truth.shape}.")
    if not len(truth):
        raise DataError("There are no rows to evaluate. Is the file empty, or were all its rows set aside?")
    if truth.dtype.kind not in "iu":
        raise DataError(f"Targets must be class indexes (whole numbers), not {truth.dtype}.")
    if truth.min() < 0 or truth.max() >= chances.shape[1]:
        raise DataError(f"Targets must lie in 0..{chances.shape[1] - 1}, not {truth.min()}..{truth.max()}.")
    totals = chances.sum(axis=1)
    bad = ~(np.abs(totals - 1.0) <= 1e-3) | ~(chances >= 0.0).all(axis=1)
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        raise DataError(
            f"Row {row}: {chances[row].tolist()[:8]} are not probabilities: each at least 0, together 1. "
            "Were these logits? Then apply softmax first."
        )
    return chances / totals[:, None], truth.astype(np.int64)
