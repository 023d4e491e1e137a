"""Calibration: make confidence equal to accuracy, and measure how far it is.

Temperature scaling divides the logits by one number fitted on validation rows. It changes no answer (the order of
the classes stays), only how confident the model is. Source: Guo et al. (2017), "On Calibration of Modern Neural
Networks", arXiv:1706.04599.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from recurra.errors import DataError
from recurra.evaluation.classification import BINS, confidence_bins
from recurra.evaluation.metric import Floats, Integers
from recurra.evaluation.temperature import COLDEST, HOTTEST

AnyFloat = TypeVar("AnyFloat", np.float32, np.float64)


_FLOOR = -745.0  # about the log of the smallest positive float64: used in place of log(0)


def class_logits(logits: NDArray[AnyFloat]) -> NDArray[AnyFloat]:
    """Return a logit for each class [N, K] from those of a network [N, outputs]: one output z is [0, z]."""
    return np.concatenate([np.zeros_like(logits), logits], axis=1) if logits.shape[1] == 1 else logits


def softmax(logits: ArrayLike) -> Floats:
    """Return the probabilities [N, K] of logits [N, K], without overflow."""
    values = np.asarray(logits, dtype=np.float64)
    powers = np.exp(values - values.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True), dtype=np.float64)


PRIOR = 1.0
"""Weight of what is expected of a temperature beforehand: see `fit_temperature`."""


def fit_temperature(
    logits: ArrayLike, targets: ArrayLike, prior: float = 0.0, weights: ArrayLike | None = None
) -> float:
    """Return the temperature T in [0.05, 20] with the least log loss on these rows.

    The loss is convex in 1 / T, so its slope is zero once; Newton's method finds that zero, and bisection takes over
    whenever a step would leave the bracket.

    Args:
        logits: [N, K] logits or log-probabilities (they differ by a constant a row, which cancels).
            A binary model of one logit z is [0, z].
        targets: [N] class indexes.
        prior: to the sum of the loss over the rows, prior * log(T)^2 is added: a few rows that are all right would
            otherwise make the answers as sure as can be, and many outweigh it.
        weights: [N], by which rows count; None: all alike.

    Raises:
        DataError: the shapes do not fit, there is no row, or a value is NaN or +inf.
    """
    values = np.asarray(logits, dtype=np.float64)
    truth = np.asarray(targets, dtype=np.int64)
    if values.ndim != 2 or truth.shape != values.shape[:1] or not len(truth):
        raise DataError(f"A temperature is fitted on logits [N, K] and targets [N], not {values.shape}, {truth.shape}.")
    values = np.where(np.isneginf(values), _FLOOR, values)
    if not np.isfinite(values).all():
        raise DataError("A temperature cannot be fitted: some logits are NaN or infinite. Was training stopped by one?")
    if truth.min() < 0 or truth.max() >= values.shape[1]:
        raise DataError(f"Targets must lie in 0..{values.shape[1] - 1}, not {truth.min()}..{truth.max()}.")
    low, high = 1.0 / HOTTEST, 1.0 / COLDEST  # the bracket of 1 / temperature
    weight = prior / len(truth)
    shares = np.full(len(truth), 1 / len(truth)) if weights is None else np.asarray(weights, dtype=np.float64)
    shares = shares / shares.sum()
    if _slope(values, truth, low, weight, shares)[0] >= 0:
        return HOTTEST
    if _slope(values, truth, high, weight, shares)[0] <= 0:
        return COLDEST
    inverse = 1.0
    for _ in range(100):
        slope, curvature = _slope(values, truth, inverse, weight, shares)
        low, high = (inverse, high) if slope < 0 else (low, inverse)
        step = inverse - slope / curvature if curvature > 0 else low
        proposed = step if low < step < high else (low + high) / 2
        if abs(proposed - inverse) <= 1e-12 * inverse:
            break
        inverse = proposed
    return float(1.0 / inverse)


def _slope(logits: Floats, targets: Integers, inverse: float, weight: float, shares: Floats) -> tuple[float, float]:
    """Return the first and second derivative of the mean log loss, and weight * log(T)^2, by 1 / temperature.

    shares: of each row in the mean [N]; they sum to 1.
    """
    probabilities = softmax(logits * inverse)
    mean = (probabilities * logits).sum(axis=1)  # [N]: expected logit
    variance = (probabilities * (logits - mean[:, None]) ** 2).sum(axis=1)
    slope = (shares * (mean - logits[np.arange(len(targets)), targets])).sum()
    curvature = (shares * variance).sum()
    slope += 2 * weight * np.log(inverse) / inverse
    curvature += 2 * weight * (1 - np.log(inverse)) / inverse**2
    return float(slope), float(curvature)


def reliability(probabilities: Floats, targets: Integers, bins: int = BINS) -> list[dict[str, float | int | None]]:
    """Return the bins of a reliability diagram, by confidence in the predicted class.

    Args:
        probabilities: [N, K].
        targets: [N].
        bins: equal-width bins of (0, 1].

    Returns:
        For each bin: low, high (its edges), count (rows), confidence and accuracy (their means; None without rows).
    """
    confidence, index = confidence_bins(probabilities, bins)
    correct = (probabilities.argmax(axis=1) == targets).astype(np.float64)
    counts = np.bincount(index, minlength=bins)
    sums = np.bincount(index, weights=confidence, minlength=bins), np.bincount(index, weights=correct, minlength=bins)
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
