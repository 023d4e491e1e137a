"""The metrics of answers that are sets of labels, each defined once as a function of weighted counts.

Equal weights give the value itself; bootstrap weights (how often each row was drawn) give the resamples of its
interval, as with the metrics of classes. Shapes: N rows, L labels, R weightings. Adding a metric is one function and
one line in `LABEL_METRICS`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recurra.evaluation.metric import Floats, Weighted

Members = NDArray[np.bool_]
"""[N, L]: whether a row has a label, or is answered with it."""


@dataclass(frozen=True)
class Counts:
    """What is counted of each label and row, by R weightings of the rows.

    hits: answers that are right; predicted: answers; actual: rows that have the label; each [R, L]. exact: rows whose
    labels are all right and none missing; rows: all of them; surprise: the sum over rows and labels of -log p of the
    truth; each [R].
    """

    hits: Floats
    predicted: Floats
    actual: Floats
    exact: Floats
    rows: Floats
    surprise: Floats


def counter(probabilities: Floats, predicted: Members, members: Members) -> Callable[[Floats], Counts]:
    """Return the function from weights [R, N] to `Counts`. All three are [N, L]."""
    epsilon = np.finfo(np.float64).eps
    truth = np.clip(np.where(members, probabilities, 1.0 - probabilities), epsilon, 1.0)
    hits, answers, actual = ((a).astype(np.float64) for a in (predicted & members, predicted, members))
    exact = (predicted == members).all(axis=1).astype(np.float64)
    surprise = -np.log(truth).sum(axis=1)

    def count(weights: Floats) -> Counts:
        return Counts(
            weights @ hits,
            weights @ answers,
            weights @ actual,
            weights @ exact,
            np.asarray(weights.sum(axis=1), dtype=np.float64),
            weights @ surprise,
        )

    return count


@dataclass(frozen=True)
class LabelMetric:
    """One number about sets of labels.

    title: what a reader calls it; meaning: what it measures, in one plain sentence; higher_is_better: the good
    direction; value: from counts to [R], NaN where a weighting leaves it undefined. share: whether it is from 0 to 1.
    """

    title: str
    meaning: str
    higher_is_better: bool
    value: Callable[[Counts], Floats]
    share: bool = True


def f1_by_label(counts: Counts) -> Floats:
    """Return F1 of each label [R, L]; NaN where a label is neither in the truth nor in the answers."""
    return _ratio(2.0 * counts.hits, counts.predicted + counts.actual)


def _ratio(above: Floats, below: Floats) -> Floats:
    """Return above / below; NaN where there is nothing below."""
    return np.asarray(np.divide(above, below, out=np.full(below.shape, np.nan), where=below > 0), dtype=np.float64)


def _mean_of_seen(values: Floats, counts: Counts) -> Floats:
    """Return the mean [R] over the labels in the truth or in the answers of values [R, L], 0 where one is undefined."""
    seen = (counts.predicted + counts.actual) > 0
    return _ratio(np.where(seen, np.nan_to_num(values), 0.0).sum(axis=1), seen.sum(axis=1).astype(np.float64))


def _micro_f1(c: Counts) -> Floats:
    return _ratio(2.0 * c.hits.sum(axis=1), (c.predicted + c.actual).sum(axis=1))


def _micro_precision(c: Counts) -> Floats:
    return _ratio(c.hits.sum(axis=1), c.predicted.sum(axis=1))


def _micro_recall(c: Counts) -> Floats:
    return _ratio(c.hits.sum(axis=1), c.actual.sum(axis=1))


def _macro_f1(c: Counts) -> Floats:
    return _mean_of_seen(f1_by_label(c), c)


def _macro_precision(c: Counts) -> Floats:
    return _mean_of_seen(_ratio(c.hits, c.predicted), c)


def _macro_recall(c: Counts) -> Floats:
    return _mean_of_seen(_ratio(c.hits, c.actual), c)


def _subset_accuracy(c: Counts) -> Floats:
    return _ratio(c.exact, c.rows)


def _hamming_loss(c: Counts) -> Floats:
    wrong = (c.predicted + c.actual - 2.0 * c.hits).sum(axis=1)
    return _ratio(wrong, c.rows * c.hits.shape[1])


def _log_loss(c: Counts) -> Floats:
    return _ratio(c.surprise, c.rows * c.hits.shape[1])


LABEL_METRICS: dict[str, LabelMetric] = {
    "micro_f1": LabelMetric(
        "Micro F1", "Precision and recall in one number, every answer counting the same.", True, _micro_f1
    ),
    "micro_precision": LabelMetric(
        "Micro precision", "The share of the answers that are right.", True, _micro_precision
    ),
    "micro_recall": LabelMetric("Micro recall", "The share of the rows' labels that are found.", True, _micro_recall),
    "macro_f1": LabelMetric(
        "Macro F1", "The mean of F1 over the labels, every label counting the same.", True, _macro_f1
    ),
    "macro_precision": LabelMetric("Macro precision", "The mean of precision over the labels.", True, _macro_precision),
    "macro_recall": LabelMetric("Macro recall", "The mean of recall over the labels.", True, _macro_recall),
    "subset_accuracy": LabelMetric(
        "Subset accuracy", "The share of rows with exactly the right labels.", True, _subset_accuracy
    ),
    "hamming_loss": LabelMetric(
        "Hamming loss", "The share of all yes-or-no answers that are wrong.", False, _hamming_loss
    ),
    "log_loss": LabelMetric(
        "Log loss", "Surprise at each yes or no, in nats: bold errors cost most.", False, _log_loss, share=False
    ),
}
"""Name in `metrics.json` to metric. Order is the order of tables."""


def average_precision(scores: Floats, positive: NDArray[np.bool_]) -> Weighted:
    """Return the average precision of scores [N] as a function of weights [R, N]; NaN where no row is positive.

    The sum over the distinct scores, from the highest down, of the recall that is gained times the precision there:
    rows of equal scores come in together, as in scikit-learn.
    """
    order = np.argsort(-scores, kind="stable")
    ranked, sign = scores[order], positive[order]
    ends = np.flatnonzero(np.r_[ranked[1:] != ranked[:-1], True]) if len(ranked) else np.empty(0, dtype=np.int64)
    starts = np.r_[0, ends[:-1] + 1].astype(np.int64)
    gaining = np.flatnonzero(np.add.reduceat(sign.astype(np.int64), starts) > 0) if len(ranked) else ends

    def values(weights: Floats) -> Floats:
        if not len(gaining):
            return np.full(len(weights), np.nan)
        ordered = np.take(weights, order, axis=1)
        found = np.cumsum(ordered * sign, axis=1)[:, ends]  # [R, G]
        taken = np.cumsum(ordered, axis=1)[:, ends[gaining]]
        gained = np.diff(found, axis=1, prepend=0.0)[:, gaining]
        precision = np.nan_to_num(_ratio(found[:, gaining], taken))
        return _ratio((gained * precision).sum(axis=1), found[:, -1])

    return values
