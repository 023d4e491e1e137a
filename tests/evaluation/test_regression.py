"""Every metric of numbers against scikit-learn's and SciPy's, and its weights as repeated rows."""

from __future__ import annotations

import json
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sklearn import metrics as oracle

from recurra.errors import DataError
from recurra.evaluation.regression import METRICS, compare_errors, score_numbers

ORACLES: dict[str, Callable[..., float]] = {
    "mae": lambda p, y: oracle.mean_absolute_error(y, p),
    "rmse": lambda p, y: oracle.root_mean_squared_error(y, p),
    "r2": lambda p, y: oracle.r2_score(y, p),
    "spearman": lambda p, y: stats.spearmanr(p, y).statistic,
}


@pytest.mark.parametrize("name", list(METRICS))
@pytest.mark.parametrize("decimals", [0, 1, 8])
@pytest.mark.parametrize("shift", [0.0, 1e6])
def test_equals_others_and_weights_are_repeated_rows(name: str, decimals: int, shift: float) -> None:
    generator = np.random.default_rng(decimals)
    y = shift + np.round(generator.normal(size=83), decimals)
    p = np.round(y + generator.normal(size=83), decimals)
    assert METRICS[name](p, y) == pytest.approx(ORACLES[name](p, y), rel=1e-8)
    weights = generator.integers(0, 4, size=(5, 83))
    found = METRICS[name].prepare(p, y)(weights.astype(np.float64))
    repeated = [METRICS[name](np.repeat(p, w), np.repeat(y, w)) for w in weights]
    np.testing.assert_allclose(found, repeated, rtol=1e-7)


@given(st.integers(1, 12), st.integers(0, 99))
def test_every_result_is_json_and_inside_its_interval_where_there_is_one(rows: int, seed: int) -> None:
    generator = np.random.default_rng(seed)
    p, y = generator.integers(0, 3, (2, rows)).astype(float)
    result = score_numbers(p, y)
    assert json.loads(json.dumps(result, allow_nan=False)) == result
    assert (result["r2"] is None) == (len(set(y)) == 1)
    assert (result["spearman"] is None) == (len(set(y)) == 1 or len(set(p)) == 1)
    assert result["mae"] <= result["rmse"] + 1e-12
    if rows == 1:
        assert result["mae_ci95"] is None


def test_the_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    hits = 0
    for seed in range(100):
        errors = np.random.default_rng(seed).normal(size=100)
        low, high = score_numbers(errors, np.linspace(0, 1e-9, 100), seed)["mae_ci95"]
        hits += low <= np.sqrt(2 / np.pi) <= high
    assert 85 <= hits <= 100


def test_a_comparison_finds_the_better_one_and_no_difference_where_there_is_none() -> None:
    generator = np.random.default_rng(0)
    y = generator.normal(size=200)
    good, bad, other = (y + scale * generator.normal(size=200) for scale in (0.5, 1.0, 0.5))
    found = compare_errors(good, bad, y)
    assert found["difference"] == pytest.approx(
        oracle.mean_absolute_error(y, good) - oracle.mean_absolute_error(y, bad)
    )
    assert found["p_value"] < 0.001 and found["difference_ci95"][1] < 0
    assert compare_errors(good, other, y)["p_value"] > 0.01
    assert compare_errors(good, good, y)["p_value"] == 1


@pytest.mark.parametrize(
    ("predictions", "targets", "message"),
    [([], [], "no rows"), ([1.0], [1.0, 2.0], "one prediction"), ([np.nan], [1.0], "finite"), ([1.0], [np.inf], "fin")],
)
def test_refuses_what_is_no_answer(predictions: list[float], targets: list[float], message: str) -> None:
    with pytest.raises(DataError, match=message):
        score_numbers(predictions, targets)
