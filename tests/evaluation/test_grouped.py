"""Grouped intervals against a plain resampling, Student's t against SciPy, and coverage in a simulation."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import stats

from recurra.evaluation.grouped import compare_ratios, group_numbers, ratio_interval, stretched, student_t95
from recurra.evaluation.intervals import wilson


def test_students_t_is_that_of_scipy() -> None:
    for freedom in [*range(1, 40), 100, 10_000]:
        assert student_t95(freedom) == pytest.approx(stats.t.ppf(0.975, freedom), rel=4e-4)
    assert stretched(1) == 1.0
    assert stretched(2) > stretched(3) > stretched(50) > 1.0


def test_rows_without_a_group_are_alone_and_one_group_is_none() -> None:
    assert group_numbers(["b", "a", None, "b", None]).tolist() == [0, 1, 2, 0, 3]
    assert group_numbers(["a", "a", "a"]).tolist() == [0, 1, 2]
    assert group_numbers([None, None]).tolist() == [0, 1]
    assert group_numbers([("row", 0), None, ("row", 0)]).tolist() == [0, 1, 0]


def test_interval_is_that_of_groups_drawn_again() -> None:
    rng = np.random.default_rng(0)
    groups = rng.integers(0, 40, size=300)
    counts, of = rng.poisson(1 + groups % 3), rng.integers(1, 12, size=300)
    low, high = ratio_interval(counts, of, groups)
    members = [np.flatnonzero(groups == group) for group in np.unique(groups)]
    drawn = []
    for _ in range(4000):
        rows = np.concatenate([members[index] for index in rng.integers(0, len(members), size=len(members))])
        drawn.append(counts[rows].sum() / of[rows].sum())
    assert (low, high) == pytest.approx(np.percentile(drawn, [2.5, 97.5]), rel=0.06)


@pytest.mark.parametrize("speakers", [3, 6, 12])
def test_an_interval_of_few_speakers_mostly_has_the_true_value(speakers: int) -> None:
    """Rates of speakers vary, so that utterances drawn alone would hold the true mean far too rarely."""
    rng, held, runs = np.random.default_rng(speakers), 0, 60
    groups = np.repeat(np.arange(speakers), 30)
    for run in range(runs):
        rates = rng.beta(3, 27, size=speakers)  # mean 0.1
        counts = rng.binomial(5, rates[groups])
        low, high = ratio_interval(counts, np.full(len(groups), 5), groups, seed=run)
        held += low <= 0.1 <= high
    assert held >= 0.85 * runs


def test_a_point_is_widened() -> None:
    of, groups = np.full(20, 4), np.repeat(np.arange(5), 4)
    assert ratio_interval(np.zeros(20), of, groups) == wilson(0, 80)
    assert ratio_interval(of, of, groups) == wilson(80, 80)
    low, high = ratio_interval(2 * of, of, groups)
    assert 0 < low < 2 < high
    assert ratio_interval(np.array([1]), np.array([4]), np.array([0])) == wilson(1, 4)


def test_comparison_is_signed_symmetric_and_exact_for_few_groups() -> None:
    rng = np.random.default_rng(1)
    groups, of = np.repeat(np.arange(6), 10), rng.integers(1, 5, size=60)
    ours = rng.integers(0, 2, size=60)
    theirs = ours + (rng.random(60) < 0.4)
    result, swapped = compare_ratios(ours, theirs, of, groups), compare_ratios(theirs, ours, of, groups)
    assert result["difference"] == pytest.approx((ours.sum() - theirs.sum()) / of.sum())
    assert result["difference"] == -swapped["difference"]
    assert result["difference_ci95"][0] < result["difference"] < result["difference_ci95"][1]
    gains = np.bincount(groups, weights=ours - theirs)
    sums = [abs(np.dot(signs, gains)) for signs in itertools.product((-1, 1), repeat=6)]
    assert result["p_value"] == np.mean(np.array(sums) >= abs(gains.sum()) - 1e-9)
    assert result["p_value"] == swapped["p_value"] == pytest.approx(2 / 64)


def test_many_groups_are_compared_by_random_signs() -> None:
    rng = np.random.default_rng(2)
    ours = rng.integers(0, 3, size=200)
    theirs = rng.integers(0, 3, size=200)
    result = compare_ratios(ours, theirs, np.full(200, 3), np.arange(200))
    gains = (ours - theirs)[ours != theirs]
    expected = 2 * stats.norm.sf((abs(gains.sum()) - 1) / np.sqrt((gains**2).sum()))  # sums are two apart
    assert result["p_value"] == pytest.approx(expected, abs=0.02)


def test_the_same_everywhere_differs_by_nothing_with_an_interval_that_is_no_point() -> None:
    counts = np.array([1, 0, 2])
    result = compare_ratios(counts, counts, np.array([3, 3, 3]), np.arange(3))
    assert (result["difference"], result["p_value"]) == (0.0, 1.0)
    assert result["difference_ci95"][0] < 0 < result["difference_ci95"][1]
