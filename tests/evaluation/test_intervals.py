"""Intervals against SciPy's and against a bootstrap written the slow way."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import binomtest

from recurra.evaluation import intervals
from recurra.evaluation.classification import METRICS
from recurra.evaluation.intervals import (
    bootstrap,
    draws,
    middle,
    resampled_means,
    resamples_for,
    wilson,
    wilson_over_runs,
)

Classified = Callable[..., tuple[NDArray[np.float64], NDArray[np.int64]]]


@given(st.integers(1, 5000).flatmap(lambda rows: st.tuples(st.integers(0, rows), st.just(rows))))
def test_wilson_equals_scipy(case: tuple[int, int]) -> None:
    successes, rows = case
    expected = binomtest(successes, rows).proportion_ci(0.95, method="wilson")
    assert wilson(successes, rows) == pytest.approx((expected.low, expected.high), abs=1e-12)
    assert 0 <= wilson(successes, rows)[0] <= successes / rows <= wilson(successes, rows)[1] <= 1


@pytest.mark.parametrize(("successes", "rows"), [(0, 0), (-1, 5), (6, 5)])
def test_wilson_refuses_what_is_no_share(successes: int, rows: int) -> None:
    with pytest.raises(ValueError, match="successes"):
        wilson(successes, rows)


def test_every_requested_resample_is_drawn() -> None:
    chunks = list(draws(rows=300_000, resamples=15, seed=1))
    assert [len(chunk) for chunk in chunks] == [6, 6, 3]
    assert all((chunk.sum(axis=1) == 300_000).all() for chunk in chunks)


@pytest.mark.parametrize("classes", [2, 4])
def test_equals_a_bootstrap_by_repeated_rows(
    classified: Classified, classes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intervals, "RESAMPLES", 40)
    monkeypatch.setattr(intervals, "FEWEST_RESAMPLES", 40)
    p, y = classified(70, classes, seed=5)
    found = bootstrap(METRICS, p, y, seed=9)
    weights = np.concatenate(list(draws(70, 40, seed=9))).astype(np.int64)
    for name, metric in METRICS.items():
        values = [metric(np.repeat(p, w, axis=0), np.repeat(y, w)) for w in weights]
        low, high = np.percentile(values, [2.5, 97.5])
        if name == "ece":
            estimate = metric(p, y)
            low, high = 2 * estimate - high - (np.mean(values) - estimate), 2 * estimate - low
            low, high = min(estimate, max(0.0, low)), max(estimate, high)
        assert found[name] == pytest.approx((low, high), abs=1e-12)


def test_the_seed_decides(classified: Classified) -> None:
    p, y = classified(200, 2, seed=6)
    brier = {"brier": METRICS["brier"]}
    assert bootstrap(brier, p, y, seed=1) == bootstrap(brier, p, y, seed=1) != bootstrap(brier, p, y, seed=2)


def test_bootstrap_of_accuracy_agrees_with_wilson(classified: Classified) -> None:
    p, y = classified(2000, 2, seed=7)
    interval = bootstrap({"accuracy": METRICS["accuracy"]}, p, y)["accuracy"]
    assert interval == pytest.approx(wilson(int((p.argmax(axis=1) == y).sum()), 2000), abs=0.003)


def test_calibration_interval_reaches_zero_for_a_calibrated_model() -> None:
    generator = np.random.default_rng(8)
    chance = generator.uniform(0.5, 1.0, 3000)
    targets = (generator.random(3000) < chance).astype(np.int64)
    interval = bootstrap({"ece": METRICS["ece"]}, np.c_[1 - chance, chance], targets)["ece"]
    assert interval is not None
    assert interval[0] < 0.005 < METRICS["ece"](np.c_[1 - chance, chance], targets) <= interval[1]


def test_undefined_stays_undefined_and_rare_classes_do_not_spoil_the_rest() -> None:
    p = np.array([[0.6, 0.4]] * 9 + [[0.3, 0.7]])
    assert bootstrap({"roc_auc": METRICS["roc_auc"]}, p, np.zeros(10, dtype=np.int64))["roc_auc"] is None
    once = np.r_[np.zeros(9, dtype=np.int64), 1]  # a third of the draws lack the only positive row
    assert bootstrap({"roc_auc": METRICS["roc_auc"]}, p, once)["roc_auc"] == wilson(1, 1)


@pytest.mark.parametrize(("classes", "counts"), [(2, (30, 12)), (3, (30, 12, 20)), (4, (30, 0, 12, 20))])
def test_no_row_wrong_or_none_right_is_no_certainty(classes: int, counts: tuple[int, ...]) -> None:
    y = np.repeat(np.arange(classes), counts)
    rows = len(y)
    separated = np.full((rows, classes), 0.1 / (classes - 1))
    separated[np.arange(rows), y] = 0.9
    found = bootstrap(METRICS, separated, y)
    assert found["accuracy"] == found["macro_f1"] == wilson(rows, rows)
    assert found["roc_auc"] == wilson(12, 12)
    certain = bootstrap(METRICS, np.eye(classes)[y], y)
    top = 1 if classes == 2 else 2
    assert certain["ece"] == wilson(0, rows)
    assert certain["brier"] == pytest.approx((0.0, top * wilson(0, rows)[1]))
    wrong = bootstrap(METRICS, np.eye(classes)[(y + 1) % classes], y)
    assert wrong["accuracy"] == wrong["macro_f1"] == wilson(0, rows)
    assert wrong["brier"] == pytest.approx((top * wilson(rows, rows)[0], top))
    assert wrong["ece"] == wilson(rows, rows)
    if classes == 2:
        assert wrong["roc_auc"] == wilson(0, 12)


def test_the_mean_over_runs_is_unsure_of_rows_and_of_runs() -> None:
    assert wilson_over_runs([0.9], 200) == wilson(180, 200)
    low, high = wilson_over_runs([0.8, 0.9, 1.0], 10**9)  # so many rows that the runs alone matter
    assert (low, high) == pytest.approx((0.9 - 1.96 * 0.1 / 3**0.5, 1.0), abs=1e-4)
    of_rows = wilson(160, 200)
    low, high = wilson_over_runs([0.8, 0.8], 200)
    assert (low + high) / 2 == pytest.approx(0.8)
    assert high - low == pytest.approx(of_rows[1] - of_rows[0])
    low, high = wilson_over_runs([0.78, 0.82], 200)
    assert high - low > of_rows[1] - of_rows[0]
    assert wilson_over_runs([1.0, 1.0], 50)[0] < 1.0 == wilson_over_runs([1.0, 1.0], 50)[1]


def test_resampled_means_have_the_theoretical_spread() -> None:
    values = np.random.default_rng(3).normal(2.0, 1.0, 400)
    means = resampled_means(values, seed=1)
    assert means.shape == (1000,)
    assert means.mean() == pytest.approx(values.mean(), abs=0.01)
    assert means.std() == pytest.approx(values.std() / 20, rel=0.1)
    assert np.array_equal(means, resampled_means(values, seed=1))


def test_the_middle_of_one_row_is_none_and_that_of_equal_shares_is_wilsons() -> None:
    values = np.random.default_rng(4).random(50)
    means = resampled_means(values)
    assert middle(means, 50) == middle(means, 50, share=True) == pytest.approx(np.quantile(means, [0.025, 0.975]))
    assert middle(np.full(1000, 0.7), 1) is None and middle(np.ones(1000), 1, share=True) is None
    assert middle(np.ones(1000), 4, share=True) == list(wilson(4, 4))
    assert middle(np.zeros(1000), 4, share=True) == list(wilson(0, 4))
    assert middle(np.ones(1000), 4) == [1.0, 1.0], "what has no bounds may be the same everywhere"


def test_work_is_bounded() -> None:
    assert resamples_for(50_000, 1) == 1000
    assert resamples_for(50_000, 77) == 519
    assert resamples_for(50_000_000, 1) == 200
