"""95 % intervals: how far a number measured on these rows may be from the one on all rows like them.

Accuracy has Wilson's interval. Every other metric has a bootstrap interval: the rows are drawn again with
replacement, the metric is taken of each draw, and the middle 95 % of those values is the interval.

Where no row is wrong, no draw is either, and that interval is a point: 1.0 to 1.0. It would claim certainty from any
number of rows, however few, so Wilson's interval for as many successes as rows takes its place.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from recurra.evaluation.metric import Floats, Integers, Metric

Interval = tuple[float, float]

Z95 = 1.959963984540054
"""The 97.5 % point of the normal distribution."""

RESAMPLES = 1000
FEWEST_RESAMPLES = 200
BUDGET = 2_000_000_000
"""The most weights for one metric: above it (N rows x K rankings x resamples), fewer resamples are drawn."""
POINT = 1e-12
"""A narrower interval is a point."""
WEIGHTS_IN_MEMORY = 2_000_000
"""Weights that are in memory at one time (16 MB)."""

BOUNDED = frozenset({"accuracy", "macro_f1", "roc_auc", "brier", "ece"})
"""Metrics from 0 to 1 (the Brier score of more than two classes: to 2)."""
UPWARD_BIASED = frozenset({"ece"})
"""Metrics that resampling pushes up: a sum of absolute gaps grows with every bit of noise."""


def wilson(successes: int, rows: int) -> Interval:
    """Return Wilson's 95 % interval of a share: [low, high] within [0, 1], sensible at 0 %, at 100 % and for few rows.

    Source: E. B. Wilson (1927), "Probable inference, the law of succession, and statistical inference".

    Raises:
        ValueError: `rows` is not positive or `successes` is outside 0..rows.
    """
    if rows <= 0 or not 0 <= successes <= rows:
        raise ValueError(f"A share needs 0 <= successes <= rows and at least one row, not {successes} of {rows}.")
    share, square = successes / rows, Z95**2
    centre = (share + square / (2 * rows)) / (1 + square / rows)
    half = Z95 * math.sqrt(share * (1 - share) / rows + square / (4 * rows**2)) / (1 + square / rows)
    low = 0.0 if successes == 0 else centre - half
    high = 1.0 if successes == rows else centre + half
    return low, high


def wilson_over_runs(shares: Sequence[float], rows: int) -> Interval:
    """Return the 95 % interval of the mean of shares [runs], each measured on the same `rows`: one run, Wilson's own.

    Several runs: a normal interval about the mean, within [0, 1], of two variances added: that of the rows, taken
    from the width of Wilson's interval, and that of the runs, the squared standard deviation divided by their number.
    """
    mean = float(np.mean(shares))
    low, high = wilson(round(mean * rows), rows)
    if len(shares) == 1:
        return low, high
    of_rows = ((high - low) / (2 * Z95)) ** 2
    half = Z95 * math.sqrt(of_rows + float(np.var(shares, ddof=1)) / len(shares))
    return max(0.0, mean - half), min(1.0, mean + half)


def resampled_means(values: Floats, seed: int = 0) -> Floats:
    """Return the means [RESAMPLES] of one value per row [N], the rows drawn again with replacement."""
    return np.concatenate([weights @ values for weights in draws(len(values), RESAMPLES, seed)]) / len(values)


def middle(resampled: Floats, rows: int, *, share: bool = False) -> list[float] | None:
    """Return the middle 95 % [low, high] of a metric over draws of `rows` rows; None where there is one row.

    Every draw of one row is that row, so its interval would be a point, which claims certainty. share: the metric is
    from 0 to 1; the point at one of these ends, where all rows are right or none is, becomes Wilson's interval.
    """
    if rows < 2:
        return None
    low, high = (float(edge) for edge in np.percentile(resampled, [2.5, 97.5]))
    widened = _widened((low, high), rows, 1.0) if share else None
    return [low, high] if widened is None else list(widened)


def resamples_for(rows: int, rankings: int) -> int:
    """Return how many resamples a metric gets: 1,000, or fewer (at least 200) where rows x rankings is very large."""
    return max(FEWEST_RESAMPLES, min(RESAMPLES, BUDGET // max(1, rows * rankings)))


def draws(rows: int, resamples: int, seed: int) -> Iterator[Floats]:
    """Yield weights [r, N] in chunks, `resamples` in all: how often each row was drawn, N draws a resample."""
    generator = np.random.default_rng(seed)
    size = max(1, WEIGHTS_IN_MEMORY // rows)
    for start in range(0, resamples, size):
        count = min(size, resamples - start)
        weights = np.empty((count, rows))
        for row in weights:
            row[:] = np.bincount(generator.integers(0, rows, size=rows), minlength=rows)
        yield weights


def bootstrap(
    metrics: Mapping[str, Metric], probabilities: Floats, targets: Integers, seed: int = 0
) -> dict[str, Interval | None]:
    """Return the bootstrap 95 % interval of every metric, all from the same draws.

    Args:
        metrics: name to metric.
        probabilities: [N, K].
        targets: [N], class indexes.
        seed: the same seed gives the same intervals.

    Returns:
        Name to (low, high); None where the metric is undefined on these rows. Draws in which it is undefined
        (a rare class was never drawn) are left out. For `UPWARD_BIASED` metrics the interval is reflected about
        the estimate (the "basic" bootstrap), its low end moved down by the bias that the draws show, and the whole
        stretched to contain the estimate. In simulations it held the true value in 84 to 95 % of cases, where the
        plain percentiles never hold that of a perfectly calibrated model.
        A `BOUNDED` metric of which every draw lies at one end of its range (a perfectly separated set has an area of
        1.0 in all of them) has Wilson's interval for n successes of n rows, or none of n. n is the number of rows,
        or for roc_auc that of the rarest class among the targets, since an area is
        about pairs, and their number is limited by the rarer class.
    """
    rows, classes = probabilities.shape
    prepared = {name: metric.prepare(probabilities, targets) for name, metric in metrics.items()}
    rankings = {name: classes if name == "roc_auc" and classes > 2 else 1 for name in metrics}
    resamples = {name: resamples_for(rows, rankings[name]) for name in metrics}
    values: dict[str, list[Floats]] = {name: [] for name in metrics}
    drawn = 0
    for weights in draws(rows, max(resamples.values(), default=0), seed):
        for name, function in prepared.items():
            if drawn < resamples[name]:
                values[name].append(function(weights[: resamples[name] - drawn]))
        drawn += len(weights)
    estimates = {name: metric(probabilities, targets) for name, metric in metrics.items()}
    intervals = {
        name: _interval(estimates[name], np.concatenate(values[name]), name in UPWARD_BIASED) for name in metrics
    }
    counts = np.bincount(targets)
    for name in BOUNDED.intersection(metrics):
        top = 2.0 if name == "brier" and classes > 2 else 1.0
        intervals[name] = _widened(intervals[name], int(counts[counts > 0].min()) if name == "roc_auc" else rows, top)
    return intervals


def _widened(interval: Interval | None, rows: int, top: float) -> Interval | None:
    """Return the interval, or Wilson's for all or none of `rows` where it is the point 0 or `top`."""
    if interval is None or interval[1] - interval[0] > POINT:
        return interval
    for successes, end in ((0, 0.0), (rows, top)):
        if abs(interval[0] - end) <= POINT:
            low, high = wilson(successes, rows)
            return top * low, top * high
    return interval


def _interval(estimate: float, resampled: Floats, reflect: bool) -> Interval | None:
    """Return the middle 95 % of the resampled values [R], reflected about the estimate where asked."""
    defined = resampled[np.isfinite(resampled)]
    if not math.isfinite(estimate) or not len(defined):
        return None
    low, high = (float(edge) for edge in np.percentile(defined, [2.5, 97.5]))
    if reflect:
        bias = max(0.0, float(defined.mean()) - estimate)
        low, high = 2 * estimate - high - bias, 2 * estimate - low
        return min(max(0.0, low), estimate), max(high, estimate)
    return low, high
