"""Scores of forecasts against their definitions written out, and scikit-learn's pinball loss."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import mean_pinball_loss

from recurra.errors import DataError
from recurra.evaluation.forecasts import Forecast, compare_forecasts, pinball, score_forecasts, seasonal_scale

LEVELS = (0.1, 0.5, 0.9)


def made(seed: int, horizon: int = 7, missing: int = 0) -> Forecast:
    generator = np.random.default_rng(seed)
    truth = generator.normal(10, 3, horizon)
    truth[generator.permutation(horizon)[:missing]] = math.nan
    quantiles = np.sort(generator.normal(10, 3, (horizon, 3)), axis=1)
    return Forecast(truth, quantiles, float(generator.uniform(0.5, 2)))


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(0, 9)), min_size=1, max_size=6))
def test_scores_are_their_definitions(sizes: list[tuple[int, int]]) -> None:
    forecasts = [made(seed, horizon, min(missing, horizon)) for seed, (horizon, missing) in enumerate(sizes)]
    expected: dict[str, list[float]] = {"mase": [], "smape": [], "crps": []}
    inside = total = 0
    for one in forecasts:
        values = [(y, q) for y, q in zip(one.truth, one.quantiles, strict=True) if not math.isnan(y)]
        if not values:
            continue
        assert one.scale is not None
        truth, middle = [y for y, _ in values], [q[1] for _, q in values]
        expected["mase"].append(float(np.mean([abs(y - m) for y, m in zip(truth, middle, strict=True)])) / one.scale)
        shares = [2 * abs(y - m) / (abs(y) + abs(m)) for y, m in zip(truth, middle, strict=True)]
        expected["smape"].append(float(np.mean(shares)))
        losses = [mean_pinball_loss(truth, [q[i] for _, q in values], alpha=level) for i, level in enumerate(LEVELS)]
        expected["crps"].append(2 * float(np.mean(losses)) / one.scale)
        inside += sum(q[0] <= y <= q[2] for y, q in values)
        total += len(values)
    if not total:
        with pytest.raises(DataError, match="no value"):
            score_forecasts(forecasts, LEVELS)
        return
    found = score_forecasts(forecasts, LEVELS)
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    for name, values in expected.items():
        assert found[name] == pytest.approx(np.mean(values))
    assert (found["rows"], found["values"]) == (len(expected["mase"]), total)
    assert found["coverage"] == pytest.approx(inside / total) and found["nominal_coverage"] == pytest.approx(0.8)
    low, high = found["coverage_ci95"]
    assert 0 <= low <= found["coverage"] <= high <= 1
    assert [one["mase"] is None for one in found["per_series"]] == [bool(np.isnan(f.truth).all()) for f in forecasts]


@given(st.integers(1, 30), st.integers(1, 12), st.integers(0, 50))
def test_the_seasonal_naive_forecast_inside_the_history_has_a_mase_of_one(length: int, season: int, seed: int) -> None:
    history = np.random.default_rng(seed).normal(size=length)
    scale = seasonal_scale(history, season)
    lag = season if length > season else 1
    if length <= 1:
        assert scale is None
        return
    assert scale is not None
    quantiles = np.repeat(history[:-lag, None], 3, axis=1)
    assert score_forecasts([Forecast(history[lag:], quantiles, scale)], LEVELS)["mase"] == pytest.approx(1)


def test_gaps_in_a_history_count_for_nothing_and_a_constant_one_has_no_scale() -> None:
    assert seasonal_scale([1, 2, math.nan, 5, 6], 1) == 1
    assert seasonal_scale([3, 3, 3], 2) is None and seasonal_scale([3], 1) is None
    assert seasonal_scale([1, 4, 1, 4, 1], 2) == 3, "a perfect season is scaled by single steps"
    unscaled = Forecast(np.ones(2), np.ones((2, 3)), None)
    found = score_forecasts([unscaled, made(1)], LEVELS)
    assert found["unscaled_series"] == 1 and found["rows"] == 2
    assert found["mase"] == score_forecasts([made(1)], LEVELS)["mase"]
    assert score_forecasts([unscaled], LEVELS)["mase"] is None


def test_pinball_losses_are_none_at_the_truth_and_lean_with_their_level() -> None:
    assert pinball(np.array([2.0]), np.array([[2.0, 2.0]]), (0.1, 0.9)).tolist() == [[0, 0]]
    np.testing.assert_allclose(pinball(np.array([3.0]), np.array([[2.0, 4.0]]), (0.1, 0.9)), [[0.1, 0.1]])


def test_forecasts_that_are_not_finite_are_refused() -> None:
    with pytest.raises(DataError, match="not finite"):
        score_forecasts([Forecast(np.ones(2), np.full((2, 3), np.nan), 1.0)], LEVELS)


def test_a_comparison_is_paired_over_the_series() -> None:
    generator = np.random.default_rng(0)
    second = generator.uniform(0.5, 2, 40)
    first = second - 0.1 + generator.normal(0, 0.1, 40)
    found = compare_forecasts([*first, None], [*second, 1.0])
    assert found["difference"] == pytest.approx(float((first - second).mean())) and found["p_value"] < 0.001
    with pytest.raises(DataError, match="both"):
        compare_forecasts([None], [1.0])
