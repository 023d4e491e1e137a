"""The fitted temperature against SciPy's minimiser; bins against a loop."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax
from scipy.special import softmax as scipy_softmax

from recurra.errors import DataError
from recurra.evaluation.calibration import COLDEST, PRIOR, fit_temperature, reliability, softmax

Classified = Callable[..., tuple[NDArray[np.float64], NDArray[np.int64]]]


@pytest.mark.parametrize("classes", [2, 3, 9])
@pytest.mark.parametrize("sharpness", [0.2, 1.0, 3.0, 12.0])
def test_finds_the_least_loss(classified: Classified, classes: int, sharpness: float) -> None:
    p, y = classified(400, classes, seed=classes)
    logits = np.log(p) * sharpness

    def loss(temperature: float) -> float:
        return float(-log_softmax(logits / temperature, axis=1)[np.arange(400), y].mean())

    best = minimize_scalar(loss, bounds=(0.05, 20), method="bounded", options={"xatol": 1e-10}).x
    found = fit_temperature(logits, y)
    assert loss(found) <= loss(best) + 1e-12
    assert found == pytest.approx(best, rel=1e-4)


def test_logits_and_log_probabilities_give_the_same(classified: Classified) -> None:
    p, y = classified(300, 4, seed=1)
    logits = np.log(p) * 2
    assert fit_temperature(logits, y) == pytest.approx(fit_temperature(log_softmax(logits, axis=1), y), rel=1e-9)


def test_is_bounded_where_rows_cannot_say() -> None:
    logits = np.array([[3.0, 0.0], [0.0, 2.0], [1.0, 0.0]])
    assert fit_temperature(logits, [0, 1, 0]) == 0.05  # all right: the sharper, the better
    assert fit_temperature(logits, [1, 0, 1]) == 20.0  # all wrong: the flatter, the better
    assert fit_temperature(np.zeros((3, 2)), [0, 1, 0]) == 20.0  # nothing to scale


def test_certainty_that_was_wrong_is_softened() -> None:
    temperature = fit_temperature(np.array([[0.0, -np.inf], [0.0, -np.inf], [-1.0, 0.0]]), [0, 1, 1])
    assert 1.0 < temperature <= 20.0


def test_softmax_is_that_of_scipy_for_large_logits() -> None:
    logits = np.random.default_rng(2).normal(size=(50, 5)) * 300
    np.testing.assert_allclose(softmax(logits), scipy_softmax(logits, axis=1), atol=1e-15)


@pytest.mark.parametrize(
    ("logits", "targets", "message"),
    [
        (np.zeros((0, 2)), [], "logits"),
        (np.zeros((2, 2)), [0], "targets"),
        (np.zeros((2, 2)), [0, 2], "0..1"),
        (np.array([[0.0, np.nan]]), [0], "NaN"),
    ],
)
def test_refuses_what_cannot_be_fitted(logits: np.ndarray, targets: list[int], message: str) -> None:
    with pytest.raises(DataError, match=message):
        fit_temperature(logits, np.array(targets, dtype=np.int64))


def test_reliability_equals_a_loop(classified: Classified) -> None:
    p, y = classified(500, 3, seed=4)
    bins = reliability(p, y, bins=10)
    assert len(bins) == 10
    assert sum(int(b["count"] or 0) for b in bins) == 500
    for b in bins:
        assert b["low"] is not None
        assert b["high"] is not None
        rows = [i for i in range(500) if b["low"] < p[i].max() <= b["high"]]
        assert b["count"] == len(rows)
        if rows:
            assert b["confidence"] == pytest.approx(np.mean([p[i].max() for i in rows]))
            assert b["accuracy"] == pytest.approx(np.mean([p[i].argmax() == y[i] for i in rows]))
        else:
            assert b["confidence"] is None
            assert b["accuracy"] is None


def test_few_rows_that_are_all_right_do_not_make_a_model_sure() -> None:
    """The slope of the loss and the prior by 1 / T is zero at the temperature, by finite differences."""
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 3, (18, 2))
    targets = logits.argmax(axis=1)
    assert fit_temperature(logits, targets) == COLDEST
    temperature = fit_temperature(logits, targets, PRIOR)

    def cost(value: float) -> float:
        chances = softmax(logits / value)
        return float(-np.log(chances[np.arange(18), targets]).sum() + PRIOR * np.log(value) ** 2)

    assert 0.2 < temperature < 1
    assert cost(temperature) < min(cost(0.99 * temperature), cost(1.01 * temperature))


def test_many_rows_outweigh_the_prior() -> None:
    rng = np.random.default_rng(1)
    logits = rng.normal(0, 3, (4000, 2))
    targets = (rng.random(4000) < softmax(logits / 1.5)[:, 1]).astype(np.int64)
    assert fit_temperature(logits, targets, PRIOR) == pytest.approx(fit_temperature(logits, targets), rel=2e-3)
