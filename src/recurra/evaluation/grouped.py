"""Intervals and paired tests of a ratio of sums where rows come in groups: the words of one speaker, of one author.

Rows of one group are alike, so whole groups are drawn again with replacement (the cluster bootstrap). Draws of few
groups vary too little; the interval is stretched by what Student's t with groups - 1 degrees of freedom says. Source:
Hesterberg, 2015, What teachers should know about the bootstrap, section 5.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np

from recurra.evaluation.intervals import POINT, RESAMPLES, Z95, Interval, draws, wilson
from recurra.evaluation.metric import Floats, Integers

FLIPS = 9_999
_ENUMERATED = 13
"""Up to so many groups, all signs are tried instead of random ones."""
_SIGNS_IN_MEMORY = 2_000_000


def group_numbers(groups: Sequence[Hashable | None]) -> Integers:
    """Return the number of each row's group [N], counted from 0. A row without one (None) is alone.

    With fewer than two groups every row is alone: nothing can be said about other groups, only about other rows.
    """
    known: dict[Hashable, int] = {}
    numbers = [
        known.setdefault(("row", row) if group is None else ("group", group), len(known))
        for row, group in enumerate(groups)
    ]
    return np.array(numbers if len(known) > 1 else range(len(numbers)), dtype=np.int64)


def ratio_interval(counts: Integers | Floats, of: Integers | Floats, groups: Integers, seed: int = 0) -> Interval:
    """Return the 95 % interval of counts.sum() / of.sum(), from 0 up. counts, of, groups: [N]; of.sum() > 0.

    Where no draw differs from another, as where nothing was counted, it would be a point: Wilson's interval takes its
    place, or, above 1, that of a count with as large a variance (Poisson's).
    """
    by_group, sizes = _summed(counts, groups), _summed(of, groups)
    total, everything = float(by_group.sum()), float(sizes.sum())
    ratio = total / everything
    low, high = np.percentile(_drawn(by_group, sizes, seed), [2.5, 97.5])
    if high - low <= POINT:
        if ratio <= 1:
            return wilson(round(total), round(everything))
        half = Z95 * math.sqrt(total) / everything
        return max(0.0, ratio - half), ratio + half
    stretch = stretched(len(sizes))
    return max(0.0, ratio - stretch * (ratio - float(low))), ratio + stretch * (float(high) - ratio)


def compare_ratios(
    counts: Integers | Floats, others: Integers | Floats, of: Integers | Floats, groups: Integers, seed: int = 0
) -> dict[str, Any]:
    """Return whether one ratio, counts.sum() / of.sum(), differs from another over the same rows. All [N].

    Returns difference (the first less the other), difference_ci95 (groups drawn again, as of `ratio_interval`) and
    p_value (two-sided, by flipping the sign of each group's difference: all signs where groups are few, otherwise at
    random. Yeh, 2000, More accurate tests for the statistical significance of result differences).
    """
    gains, sizes = _summed(counts - others, groups), _summed(of, groups)
    difference = float(gains.sum() / sizes.sum())
    low, high = np.percentile(_drawn(gains, sizes, seed), [2.5, 97.5])
    if high - low <= POINT:  # as where both are the same everywhere: one more error of each is as likely as not
        half = Z95 * math.sqrt(float(np.abs(gains).sum()) + 1) / float(sizes.sum())
        low, high = difference - half, difference + half
    stretch = stretched(len(sizes))
    return {
        "difference": difference,
        "difference_ci95": [difference - stretch * (difference - low), difference + stretch * (high - difference)],
        "p_value": _flipped(gains, seed),
    }


def stretched(groups: int) -> float:
    """Return by how much an interval from draws of so few groups is too narrow; 1 for one group, which has none."""
    return 1.0 if groups < 2 else student_t95(groups - 1) * math.sqrt(groups / (groups - 1)) / Z95


def student_t95(freedom: int) -> float:
    """Return the 97.5 % point of Student's t with so many degrees of freedom, >= 1.

    From 4 on by Cornish and Fisher's expansion (Abramowitz and Stegun, 26.7.5), right to four digits.
    """
    if freedom < 4:
        return (12.706205, 4.302653, 3.182446)[freedom - 1]
    z, n = Z95, float(freedom)
    terms: tuple[float, ...] = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return z + sum((term / n**power for power, term in enumerate(terms, 1)), 0.0)


def _summed(values: Integers | Floats, groups: Integers) -> Floats:
    return np.bincount(groups, weights=values).astype(np.float64)


def _drawn(counts: Floats, of: Floats, seed: int) -> Floats:
    """Return the ratios of draws over groups [R]; a draw with nothing to divide by is left out."""
    ratios: list[Floats] = []
    for weights in draws(len(of), RESAMPLES, seed):
        sums = weights @ of
        ratios.append((weights @ counts)[sums > 0] / sums[sums > 0])
    return np.concatenate(ratios)


def _flipped(gains: Floats, seed: int) -> float:
    """Return the share of signs of the gains [groups] that give a sum at least as far from 0."""
    moved = gains[gains != 0]
    least = abs(float(moved.sum())) - 1e-9
    if len(moved) <= _ENUMERATED:
        every = np.arange(2 ** len(moved))[:, None] >> np.arange(len(moved)) & 1
        return float(np.mean(np.abs((every * 2 - 1) @ moved) >= least))
    generator, seen = np.random.default_rng(seed), 0
    size = max(1, _SIGNS_IN_MEMORY // len(moved))
    for start in range(0, FLIPS, size):
        signs = generator.integers(0, 2, size=(min(size, FLIPS - start), len(moved))) * 2 - 1
        seen += int((np.abs(signs @ moved) >= least).sum())
    return (seen + 1) / (FLIPS + 1)
