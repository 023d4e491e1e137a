"""Whether one classifier is significantly better than another on the rows that both answered: McNemar's test.

Of several runs of each, such as the members of an ensemble, signs are flipped at random, which with one run is
McNemar's test too, and the interval is that of one run with the mean over the runs in its place.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.errors import DataError
from recurra.evaluation.intervals import Z95

FLIPS = 99_999
"""Random signs that are tried."""


def mcnemar(correct_model: NDArray[np.bool_], correct_baseline: NDArray[np.bool_]) -> dict[str, Any]:
    """Return McNemar's exact test and the difference in accuracy of two classifiers on the same rows.

    Args:
        correct_model: [N], whether the model was right.
        correct_baseline: [N], whether the baseline was right on the same row.

    Returns:
        only_model and only_baseline (rows that one alone got right), p_value (two-sided, exact binomial),
        difference (accuracy of the model less that of the baseline) and difference_ci95 [low, high]
        (adjusted Wald: Agresti and Min, 2005, "Simple improved confidence intervals for comparing matched
        proportions").

    Raises:
        DataError: the two do not cover the same, non-empty rows.
    """
    model, baseline = np.asarray(correct_model, dtype=bool), np.asarray(correct_baseline, dtype=bool)
    if model.shape != baseline.shape or model.ndim != 1 or not len(model):
        raise DataError(f"A paired test needs both answers for each row, not {model.shape} and {baseline.shape}.")
    rows = len(model)
    only_model, only_baseline = int((model & ~baseline).sum()), int((baseline & ~model).sum())
    low, high = _difference_interval(only_model - only_baseline, only_model + only_baseline, rows)
    return {
        "only_model": only_model,
        "only_baseline": only_baseline,
        "p_value": binomial_two_sided(only_model, only_baseline),
        "difference": (only_model - only_baseline) / rows,
        "difference_ci95": [low, high],
    }


def compare_runs(gains: NDArray[np.integer], runs: int) -> dict[str, Any]:
    """Return p_value, difference and difference_ci95 of the mean accuracy of several runs of two classifiers.

    gains: [N] whole numbers from -runs to runs: how many more runs of the model than of the baseline were right on the
    row. p_value: two-sided, by flipping the sign of each row's gain at random (Yeh, 2000, "More accurate tests for the
    statistical significance of result differences"), never below what so few rows could show.
    Raises DataError where there is no row.
    """
    if not len(gains):
        raise DataError("A paired test needs both answers for at least one row.")
    means = gains / runs
    low, high = _difference_interval(float(means.sum()), float((means**2).sum()), len(gains))
    return {"p_value": _flipped(gains), "difference": float(means.mean()), "difference_ci95": [low, high]}


def _flipped(gains: NDArray[np.integer]) -> float:
    """Return the share of random signs that give a sum at least as far from 0.

    Of n gains of one size a binomial number is positive, so that there is one draw for each size.
    """
    generator, sums = np.random.default_rng(0), np.zeros(FLIPS, dtype=np.int64)
    for size, count in zip(*np.unique(np.abs(gains), return_counts=True), strict=True):
        sums += size * (2 * generator.binomial(count, 0.5, size=FLIPS) - count)
    seen = int((np.abs(sums) >= abs(int(gains.sum()))).sum())
    return (seen + 1) / (FLIPS + 1)


def binomial_two_sided(one: int, other: int) -> float:
    """Return the chance that a fair coin parts `one + other` throws at least this unevenly.

    Twice the smaller tail, summed from its largest term down; the terms shrink geometrically, so that few are
    needed however large the counts are.
    """
    throws, fewer = one + other, min(one, other)
    if one == other:
        return 1.0
    log_term = math.lgamma(throws + 1) - math.lgamma(fewer + 1) - math.lgamma(throws - fewer + 1)
    term = total = 1.0  # in units of the largest term
    for k in range(fewer, 0, -1):
        term *= k / (throws - k + 1)
        total += term
        if term < 1e-17 * total:
            break
    return min(1.0, 2.0 * math.exp(log_term - throws * math.log(2.0) + math.log(total)))


def _difference_interval(gains: float, squares: float, rows: int) -> tuple[float, float]:
    """Return the 95 % interval of the mean gain of a row: two rows are added, then Wald's.

    gains, squares: the sums of the rows' gains, from -1 to 1, and of their squares. Half a row is added to each of the
    four cells of McNemar's table: one row that gains nothing, half a row that gains 1, half a row that loses 1.
    """
    total = rows + 2
    difference = gains / total
    half = Z95 * math.sqrt(max(0.0, squares + 1 - gains**2 / total)) / total
    return max(-1.0, difference - half), min(1.0, difference + half)
