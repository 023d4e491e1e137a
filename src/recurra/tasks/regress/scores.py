"""The scores of a model that answers texts with numbers: how far it is off, its intervals, and parts of the rows."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from recurra.data.cell_column import CellColumn
from recurra.errors import DataError
from recurra.evaluation.comparison import MEAN_ABSOLUTE_ERROR
from recurra.evaluation.conformal import score_intervals
from recurra.evaluation.intervals import middle, resampled_means
from recurra.evaluation.metric import Floats
from recurra.evaluation.regression import score_numbers
from recurra.evaluation.slices import buckets
from recurra.many_to_one.sliced import sliced

POINTS = 500
"""Rows of which prediction and truth are kept for a chart."""
BINS = 21
"""Of the histogram of errors."""


def evaluate(
    predictions: ArrayLike,
    low: ArrayLike,
    high: ArrayLike,
    targets: ArrayLike,
    lengths: ArrayLike,
    truncated: ArrayLike,
    *,
    level: float,
    seed: int = 0,
) -> dict[str, Any]:
    """Return everything measured on these rows, ready for JSON.

    Args:
        predictions, low, high, targets: [N], the numbers, the ends of their intervals, and the truth.
        lengths: [N], tokens of each row before truncation.
        truncated: [N], whether the row lost tokens.
        level: which share of the truths the intervals are to hold.
        seed: of the bootstrap and of the points.

    Returns:
        What `score_numbers` does; coverage, coverage_ci95, width, width_ci95, level and interval_score of the
        intervals; median_error, the mean of the errors' signs left out of it: half of the rows are off by less; bias,
        the mean of prediction less truth, with bias_ci95; truncated_rows; slices (length, target, prediction);
        points [[truth, prediction]]; errors {edges, counts}, a histogram of prediction less truth.

    Raises:
        DataError: the arrays do not fit each other.
    """
    scores = score_numbers(predictions, targets, seed)
    found, truth = np.asarray(predictions, dtype=np.float64), np.asarray(targets, dtype=np.float64)
    lower, upper = np.asarray(low, dtype=np.float64), np.asarray(high, dtype=np.float64)
    sizes, cut = np.asarray(lengths, dtype=np.int64), np.asarray(truncated, dtype=bool)
    if not sizes.shape == cut.shape == lower.shape == upper.shape == truth.shape:
        raise DataError(f"{len(truth)} rows need as many intervals, lengths and flags.")
    errors, inside = found - truth, (lower <= truth) & (truth <= upper)
    chosen = np.sort(np.random.default_rng(seed).permutation(len(truth))[:POINTS])
    counts, edges = np.histogram(errors, bins=BINS)
    return (
        scores
        | score_intervals(lower, upper, truth, level, seed)
        | {
            "median_error": float(np.median(np.abs(errors))),
            "bias": float(errors.mean()),
            "bias_ci95": middle(resampled_means(errors, seed), len(errors)),
            "truncated_rows": int(cut.sum()),
            "slices": {
                "length": _slices(errors, inside, sizes.astype(np.float64), " tokens"),
                "target": _slices(errors, inside, truth),
                "prediction": _slices(errors, inside, found),
            },
            "points": [[float(truth[row]), float(found[row])] for row in chosen],
            "errors": {"edges": edges.tolist(), "counts": counts.tolist()},
        }
    )


def _slices(errors: Floats, inside: NDArray[np.bool_], by: Floats, unit: str = "") -> list[dict[str, Any]]:
    """Return rows, mae with its interval, bias and coverage for buckets of about equal size, from the least of `by` [N]
    to the largest; rows of one value are never parted."""
    slices = []
    for rows in buckets(by):
        low, high = float(by[rows].min()), float(by[rows].max())
        name = f"{low:,.4g}" if low == high else f"{low:,.4g} to {high:,.4g}"
        own = np.abs(errors[rows])
        slices.append(
            {
                "name": name + unit,
                "low": low,
                "high": high,
                "rows": int(rows.sum()),
                "mae": float(own.mean()),
                "mae_ci95": middle(resampled_means(own), len(own)),
                "bias": float(errors[rows].mean()),
                "coverage": float(inside[rows].mean()),
            }
        )
    return slices


def by_columns(
    columns: Mapping[str, CellColumn],
    names: Collection[str],
    rows: NDArray[np.bool_] | None,
    values: Floats,
    low: Floats,
    high: Floats,
    truths: Floats,
) -> dict[str, Any]:
    """Return mean absolute error, bias and coverage for each value of columns: see `sliced`. values, low, high, truths:
    [N], of the judged rows."""
    errors, inside = values - truths, (low <= truths) & (truths <= high)

    def more(part: NDArray[np.bool_]) -> dict[str, Any]:
        return {"bias": float(errors[part].mean()), "coverage": float(inside[part].mean())}

    return sliced(columns, names, rows, np.abs(errors), MEAN_ABSOLUTE_ERROR, more)
