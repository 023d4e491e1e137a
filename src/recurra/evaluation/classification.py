"""The metrics of a classifier, each defined once as a function of row weights.

A metric is prepared for its rows and then computed for each weighting of them. Equal weights give the
value itself; bootstrap weights (how often each row was drawn) give the resamples of its interval. So the
figure and its error bar cannot come from two formulas.

Shapes: N rows, K classes, R weightings. Adding a metric is one function and one line in `METRICS`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recurra.evaluation.metric import Floats, Integers, Metric, Weighted

BINS = 15
"""Equal-width bins of confidence for calibration."""


def _mean_of(values: Floats) -> Weighted:
    """Return the weighted mean of one value per row [N]."""
    return lambda weights: weights @ values / weights.sum(axis=1)


def _ratio(above: Floats, below: Floats | Integers) -> Floats:
    """Return above / below [R]; NaN where there is nothing below."""
    return np.asarray(np.divide(above, below, out=np.full(len(below), np.nan), where=below > 0), dtype=np.float64)


def _accuracy(probabilities: Floats, targets: Integers) -> Weighted:
    return _mean_of((probabilities.argmax(axis=1) == targets).astype(np.float64))


def _log_loss(probabilities: Floats, targets: Integers) -> Weighted:
    """Mean of -log p(truth) in nats; p is kept one float64 epsilon away from 0 and 1, as scikit-learn does."""
    epsilon = np.finfo(np.float64).eps
    truth = probabilities[np.arange(len(targets)), targets]
    return _mean_of(-np.log(np.clip(truth, epsilon, 1.0 - epsilon)))


def _brier(probabilities: Floats, targets: Integers) -> Weighted:
    """Squared distance to the truth: of p(class 1) for two classes, summed over the classes for more."""
    if probabilities.shape[1] == 2:
        return _mean_of((probabilities[:, 1] - targets) ** 2)
    truth = probabilities[np.arange(len(targets)), targets]
    return _mean_of((probabilities**2).sum(axis=1) - 2.0 * truth + 1.0)


def _macro_f1(probabilities: Floats, targets: Integers) -> Weighted:
    """Mean over the classes seen (as truth or as prediction) of F1 = 2 tp / (2 tp + fp + fn)."""
    classes = probabilities.shape[1]
    predicted = probabilities.argmax(axis=1)
    eye = np.eye(classes, dtype=np.float64)
    actual_rows, predicted_rows = eye[targets], eye[predicted]  # [N, K] each

    def values(weights: Floats) -> Floats:
        hits = weights @ (actual_rows * predicted_rows)  # [R, K]
        seen = weights @ (actual_rows + predicted_rows)  # [R, K]: 2 tp + fp + fn
        f1 = np.divide(2.0 * hits, seen, out=np.zeros_like(hits), where=seen > 0)
        return np.asarray(f1.sum(axis=1) / (seen > 0).sum(axis=1), dtype=np.float64)

    return values


def _ranked(scores: Floats, positive: NDArray[np.bool_]) -> Weighted:
    """Return the area under the ROC curve of scores [N], ties counted half, as a function of weights [R, N].

    Rows are sorted by score, negatives first among equals, and cut into runs [G] of one sign; only the runs' sums
    matter. Equal scores on both sides are runs of their own, so that half of their pairs can be taken back.
    """
    order = np.lexsort((positive, scores))
    ranked, sign = scores[order], positive[order]
    new_score = np.r_[True, ranked[1:] != ranked[:-1]]
    group = np.cumsum(new_score) - 1
    size = np.bincount(group)
    hits = np.bincount(group, weights=sign)
    mixed = ((hits > 0) & (hits < size))[group]  # [N]: the row's score is found on both sides
    edge = np.r_[False, mixed[:-1]] | mixed  # a mixed group begins and ends with a run of its own
    starts = np.flatnonzero(np.r_[True, sign[1:] != sign[:-1]] | (new_score & edge))
    won_runs = np.flatnonzero(sign[starts])
    lost_runs = np.flatnonzero(~sign[starts])
    tied = np.flatnonzero(mixed[starts] & sign[starts])  # positive runs whose negatives are the run before

    def values(weights: Floats) -> Floats:
        runs = np.add.reduceat(np.take(weights, order, axis=1), starts, axis=1)  # [R, G]
        won = runs[:, won_runs]
        pairs = won.sum(axis=1) * runs[:, lost_runs].sum(axis=1)
        area = -0.5 * (runs[:, tied] * runs[:, tied - 1]).sum(axis=1)
        runs[:, won_runs] = 0.0
        area += np.einsum("rg,rg->r", won, np.cumsum(runs, axis=1)[:, won_runs])
        return _ratio(area, pairs)

    return values


def _roc_auc(probabilities: Floats, targets: Integers) -> Weighted:
    """Area under the ROC curve: of class 1 for two classes; the mean, one class against the rest, for more.

    Classes without both a positive and a negative row are left out; with none left the value is NaN.
    """
    if probabilities.shape[1] == 2:
        return _ranked(probabilities[:, 1], targets == 1)
    curves = [_ranked(probabilities[:, k], targets == k) for k in np.unique(targets)]

    def values(weights: Floats) -> Floats:
        areas = np.stack([curve(weights) for curve in curves])  # [classes present, R]
        defined = np.isfinite(areas)
        return _ratio(np.where(defined, areas, 0.0).sum(axis=0), defined.sum(axis=0))

    return values


def confidence_bins(probabilities: Floats, bins: int = BINS) -> tuple[Floats, Integers]:
    """Return each row's confidence [N] (the largest probability) and its bin [N]: bin b holds (b/bins, (b+1)/bins]."""
    confidence = probabilities.max(axis=1)
    return confidence, np.clip(np.ceil(confidence * bins).astype(np.int64) - 1, 0, bins - 1)


def _ece(probabilities: Floats, targets: Integers) -> Weighted:
    """Expected calibration error: |accuracy - confidence| of each bin, weighted by its share of the rows."""
    confidence, bins = confidence_bins(probabilities)
    correct = probabilities.argmax(axis=1) == targets
    gaps = np.zeros((len(targets), BINS))  # [N, bins]: each row's (correct - confidence) in its own bin's column
    gaps[np.arange(len(targets)), bins] = correct - confidence
    return lambda weights: np.abs(weights @ gaps).sum(axis=1) / weights.sum(axis=1)


METRICS: dict[str, Metric] = {
    "accuracy": Metric("Accuracy", "The share of rows with the right answer.", True, _accuracy),
    "macro_f1": Metric(
        "Macro F1", "Precision and recall in one number, every class counting the same.", True, _macro_f1
    ),
    "roc_auc": Metric("ROC AUC", "How often a row of the class is ranked above one that is not of it.", True, _roc_auc),
    "log_loss": Metric("Log loss", "Surprise at the truth, in nats: bold errors cost most.", False, _log_loss),
    "brier": Metric("Brier score", "The squared distance between the probabilities and the truth.", False, _brier),
    "ece": Metric("Calibration error", "How far stated confidence is from the accuracy it comes with.", False, _ece),
}
"""Name in `metrics.json` to metric. Order is the order of tables."""
