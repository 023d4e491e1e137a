"""Conformal intervals: the finite-sample quantile, coverage on rows like those they were fitted on, and groups."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recurra.errors import DataError
from recurra.evaluation.conformal import ConformalIntervals, fit_intervals, half_width, interval_scores, score_intervals


@given(st.integers(1, 60), st.sampled_from([0.5, 0.8, 0.9, 0.95]), st.integers(0, 99))
def test_the_half_width_is_the_right_error(rows: int, level: float, seed: int) -> None:
    errors = np.random.default_rng(seed).random(rows)
    place = math.ceil((rows + 1) * level - 1e-9)
    assert half_width(errors, level, 7.0) == (sorted(errors)[place - 1] if place <= rows else 7.0)


def test_on_average_the_coverage_is_what_is_promised() -> None:
    generator, covered = np.random.default_rng(1), []
    for _ in range(400):
        truth = generator.normal(size=40)
        found = truth + generator.standard_t(3, size=40)
        fitted = fit_intervals(found[:30], truth[:30], 0.8, lowest=-99, highest=99)
        low, high = fitted.around(found[30:])
        covered.append(np.mean((low <= truth[30:]) & (truth[30:] <= high)))
    assert np.mean(covered) == pytest.approx(math.ceil(31 * 0.8) / 31, abs=0.015)  # exact in expectation


def test_groups_are_formed_where_errors_depend_on_the_prediction_and_each_is_covered() -> None:
    generator = np.random.default_rng(2)
    found = generator.uniform(0, 10, 6000)
    truth = found + generator.normal(size=6000) * np.where(found > 5, 2.0, 0.2)
    fitted = fit_intervals(found[:2000], truth[:2000], 0.9, lowest=-20, highest=30)
    assert len(fitted.widths) == len(fitted.edges) + 1 > 1
    low, high = fitted.around(found[2000:])
    for part in (found[2000:] <= 5, found[2000:] > 5):
        inside = (low[part] <= truth[2000:][part]) & (truth[2000:][part] <= high[part])
        assert inside.mean() == pytest.approx(0.9, abs=0.05)
    one = ConformalIntervals(0.9, (), (half_width(np.abs(found - truth)[:2000], 0.9, 50),), -20, 30)
    better, plain = (score_intervals(*each.around(found[2000:]), truth[2000:], 0.9) for each in (fitted, one))
    assert better["interval_score"] < plain["interval_score"]


def test_no_groups_where_errors_are_alike_everywhere_or_rows_are_few() -> None:
    generator = np.random.default_rng(3)
    found = generator.uniform(0, 10, 150)
    truth = found + generator.normal(size=150) * np.where(found > 5, 2.0, 0.2)
    assert fit_intervals(found, truth, 0.9, lowest=-20, highest=30).edges == ()


def test_predictions_of_one_value_have_one_width() -> None:
    truth = np.random.default_rng(4).normal(size=500)
    fitted = fit_intervals(np.zeros(500), truth, 0.9, lowest=-5, highest=5)
    assert fitted.edges == ()
    assert len(fitted.widths) == 1


def test_nothing_goes_beyond_the_targets_of_training() -> None:
    fitted = ConformalIntervals(0.9, (4.0,), (1.0, 3.0), 1.0, 10.0)
    low, high = fitted.around([-3.0, 1.5, 4.0, 4.1, 12.0])
    assert low.tolist() == [1, 1, 3, pytest.approx(1.1), 7]
    assert high.tolist() == [2, 2.5, 5, pytest.approx(7.1), 10]
    assert fitted.clipped([-3.0, 5.0, 12.0]).tolist() == [1, 5, 10]


def test_scores_by_hand_and_as_json() -> None:
    low, high, truth = [0.0, 0.0, 2.0], [1.0, 2.0, 3.0], [0.5, 2.5, 1.0]
    scores = score_intervals(low, high, truth, 0.8)
    assert scores["coverage"] == pytest.approx(1 / 3)
    assert scores["width"] == pytest.approx(4 / 3)
    assert scores["interval_score"] == pytest.approx((1 + (2 + 10 * 0.5) + (1 + 10 * 1)) / 3)
    assert interval_scores(np.array([0.0]), np.array([1.0]), np.array([0.2]), 0.9).tolist() == [1]
    assert scores["width_ci95"][0] <= scores["width"] <= scores["width_ci95"][1]
    json.dumps(scores, allow_nan=False)


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(DataError):
        fit_intervals([1.0], [1.0, 2.0], 0.9, lowest=0, highest=3)
    with pytest.raises(DataError):
        fit_intervals([1.0, math.nan], [1.0, 2.0], 0.9, lowest=0, highest=3)
    with pytest.raises(DataError):
        fit_intervals([1.0, 2.0], [1.0, 2.0], 1.0, lowest=0, highest=3)
