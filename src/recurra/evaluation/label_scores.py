"""The scores of sets of labels on rows that were not learnt from: every number, its interval, and each label alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from recurra.errors import DataError
from recurra.evaluation.classification import BINS
from recurra.evaluation.intervals import FEWEST_RESAMPLES, RESAMPLES, Interval, draws, middle, wilson
from recurra.evaluation.label_metrics import (
    LABEL_METRICS,
    Counts,
    Members,
    average_precision,
    counter,
    f1_by_label,
)
from recurra.evaluation.metric import Floats

RANKED = 300_000_000
"""The most weights that are ranked for the interval of the average precision: above it, fewer resamples are drawn."""


def score_labels(
    probabilities: ArrayLike,
    members: ArrayLike,
    thresholds: ArrayLike,
    labels: Sequence[str],
    seed: int = 0,
    given: ArrayLike | None = None,
) -> dict[str, Any]:
    """Return everything measured on these rows, ready for JSON.

    Args:
        probabilities: [N, L], of each label by itself.
        members: [N, L], which labels a row has.
        thresholds: [L]; a label is answered where its probability is at least that.
        labels: the L names.
        seed: of the bootstrap.
        given: [N, L], which labels each row was answered with, where that is not for `thresholds` to say.

    Returns:
        rows; each metric of `LABEL_METRICS` and macro_average_precision, the mean over the labels that some row has,
        with `<metric>_ci95` [low, high] (None where it is undefined); labels_per_row and answers_per_row; none_rows and
        none_answers (rows without a label, and without an answer); per_label, see `by_label`; reliability, see
        `reliability_of_labels`; at_half: the metrics with the threshold 0.5 for all, without intervals.

    Raises:
        DataError: there is no row, or the arrays do not fit each other.
    """
    chances, truth, cuts = _checked(probabilities, members, thresholds, len(labels))
    predicted = chances >= cuts if given is None else np.asarray(given, dtype=bool)
    count, once = counter(chances, predicted, truth), np.ones((1, len(truth)))
    own = count(once)
    drawn: dict[str, list[Floats]] = {name: [] for name in LABEL_METRICS}
    f1: list[Floats] = []
    for weights in draws(len(truth), RESAMPLES, seed):
        counts = count(weights)
        f1.append(f1_by_label(counts))
        for name, metric in LABEL_METRICS.items():
            drawn[name].append(metric.value(counts))
    result: dict[str, Any] = {"rows": len(truth)}
    for name, metric in LABEL_METRICS.items():
        result |= _with_interval(
            name, float(metric.value(own)[0]), _middle(np.concatenate(drawn[name]), len(truth), metric.share)
        )
    result["subset_accuracy_ci95"] = list(wilson(round(float(own.exact[0])), len(truth)))
    areas = [average_precision(chances[:, k], truth[:, k]) for k in range(len(labels))]
    by_area = np.array([float(area(once)[0]) for area in areas])
    result |= _with_interval("macro_average_precision", _mean(by_area), _ranked_interval(areas, len(truth), seed))
    result |= {
        "labels_per_row": float(truth.sum() / len(truth)),
        "answers_per_row": float(predicted.sum() / len(truth)),
        "none_rows": int((~truth.any(axis=1)).sum()),
        "none_answers": int((~predicted.any(axis=1)).sum()),
        "per_label": by_label(own, np.concatenate(f1), by_area, cuts, labels, len(truth)),
    }
    result["reliability"] = reliability_of_labels(chances, truth)
    half = counter(chances, chances >= 0.5, truth)(once)
    result["at_half"] = {name: _plain(float(metric.value(half)[0])) for name, metric in LABEL_METRICS.items()}
    return result


def by_label(
    counts: Counts, resampled: Floats, areas: Floats, thresholds: Floats, labels: Sequence[str], rows: int
) -> list[dict[str, Any]]:
    """Return the scores of each label: label, threshold, precision, recall, f1, average_precision, support (rows that
    have it) and predicted (rows that are answered with it).

    precision and recall have Wilson's interval, f1 that of the bootstrap; each is None where there is nothing to
    divide by. counts: of one weighting; resampled: F1 [R, L]; areas: [L].
    """
    hits, predicted, actual = (np.rint(a[0]).astype(int) for a in (counts.hits, counts.predicted, counts.actual))
    f1 = f1_by_label(counts)[0]
    result = []
    for k, label in enumerate(labels):
        found: dict[str, Any] = {"label": label, "threshold": float(thresholds[k])}
        for name, of in (("precision", int(predicted[k])), ("recall", int(actual[k]))):
            interval = wilson(int(hits[k]), of) if of else None
            found |= _with_interval(name, hits[k] / of if of else math.nan, interval)
        found |= _with_interval("f1", float(f1[k]), _middle(resampled[:, k], int(predicted[k] + actual[k]), True))
        found |= {
            "average_precision": _plain(float(areas[k])),
            "support": int(actual[k]),
            "predicted": int(predicted[k]),
        }
        result.append(found)
    return result


def reliability_of_labels(chances: Floats, truth: Members, bins: int = BINS) -> list[dict[str, Any]]:
    """Return the bins of a reliability diagram of every yes or no, by the probability of the label.

    For each bin of equal width: low, high (its edges), count (yes or no answers), confidence (the mean probability) and
    accuracy (the share of them that have the label); the last two are None without answers.
    """
    index = np.clip(np.ceil(chances.ravel() * bins).astype(np.int64) - 1, 0, bins - 1)
    counts = np.bincount(index, minlength=bins)
    sums = [np.bincount(index, weights=values.ravel(), minlength=bins) for values in (chances, truth)]
    return [
        {
            "low": b / bins,
            "high": (b + 1) / bins,
            "count": int(counts[b]),
            "confidence": float(sums[0][b] / counts[b]) if counts[b] else None,
            "accuracy": float(sums[1][b] / counts[b]) if counts[b] else None,
        }
        for b in range(bins)
    ]


def _ranked_interval(areas: Sequence[Any], rows: int, seed: int) -> Interval | None:
    """Return the interval of the mean average precision, from fewer draws where there is much to rank."""
    resamples = max(FEWEST_RESAMPLES, min(RESAMPLES, RANKED // max(1, rows * len(areas))))
    means = []
    for weights in draws(rows, resamples, seed):
        by_label = np.stack([area(weights) for area in areas])  # [L, r]
        defined = np.isfinite(by_label)
        total = np.where(defined, by_label, 0.0).sum(axis=0)
        means.append(np.where(defined.any(axis=0), total / np.maximum(1, defined.sum(axis=0)), np.nan))
    return _middle(np.concatenate(means), rows, True)


def _middle(resampled: Floats, rows: int, share: bool) -> Interval | None:
    """Return the middle 95 % of the values that are defined; None where there are none."""
    defined = resampled[np.isfinite(resampled)]
    edges = middle(defined, rows, share=share) if len(defined) else None
    return None if edges is None else (edges[0], edges[1])


def _with_interval(name: str, value: float, interval: Interval | None) -> dict[str, Any]:
    defined = math.isfinite(value)
    return {
        name: value if defined else None,
        f"{name}_ci95": list(interval) if defined and interval is not None else None,
    }


def _plain(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _mean(values: Floats) -> float:
    defined = values[np.isfinite(values)]
    return float(defined.mean()) if len(defined) else math.nan


def _checked(
    probabilities: ArrayLike, members: ArrayLike, thresholds: ArrayLike, labels: int
) -> tuple[Floats, Members, Floats]:
    chances, truth = np.asarray(probabilities, dtype=np.float64), np.asarray(members)
    cuts = np.asarray(thresholds, dtype=np.float64)
    if chances.ndim != 2 or chances.shape[1] != labels or truth.shape != chances.shape or cuts.shape != (labels,):
        raise DataError(
            f"Probabilities and labels must both have the shape [rows, {labels}] and thresholds [{labels}], not "
            f"{chances.shape}, {truth.shape} and {cuts.shape}."
        )
    if not len(truth):
        raise DataError("There are no rows to evaluate. Is the file empty, or were all its rows set aside?")
    if not ((chances >= 0.0) & (chances <= 1.0)).all():
        raise DataError("Probabilities must lie between 0 and 1. Were these logits? Then apply the sigmoid first.")
    if not np.isin(truth, (0, 1)).all():
        raise DataError("Whether a row has a label is 0 or 1, or False or True.")
    return chances, truth.astype(np.bool_), cuts
