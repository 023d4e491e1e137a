"""Whether one classifier is significantly better than another: McNemar's test on the rows that both answered."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.errors import DataError
from recurra.evaluation.intervals import Z95


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
    low, high = _difference_interval(only_model, only_baseline, rows)
    return {
        "only_model": only_model,
        "only_baseline": only_baseline,
        "p_value": binomial_two_sided(only_model, only_baseline),
        "difference": (only_model - only_baseline) / rows,
        "difference_ci95": [low, high],
    }


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


def _difference_interval(only_model: int, only_baseline: int, rows: int) -> tuple[float, float]:
    """Return the 95 % interval of the difference: half a row is added to each of the four cells, then Wald's."""
    gain, loss, total = only_model + 0.5, only_baseline + 0.5, rows + 2
    difference = (gain - loss) / total
    half = Z95 * math.sqrt(max(0.0, gain + loss - (gain - loss) ** 2 / total)) / total
    return max(-1.0, difference - half), min(1.0, difference + half)
