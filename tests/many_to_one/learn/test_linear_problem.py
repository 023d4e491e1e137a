"""Linear models of n-grams against scikit-learn: scales, folds, weights and losses."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from numpy.typing import NDArray

from recurra.many_to_one.learn.linear_problem import LogisticProblem, log_loss
from recurra.training.logistic_regression import SparseRows

FEATURES = 14


def rows_of(count: int, classes: int, seed: int = 0) -> tuple[SparseRows, NDArray[np.float64], NDArray[np.int64]]:
    """Rows of features that are there or not, as the kernel takes them and dense, and classes that depend on them."""
    rng = np.random.default_rng(seed)
    targets = rng.integers(0, classes, count)
    dense = (rng.random((count, FEATURES)) < 0.3).astype(np.float64)
    dense[rng.random(count) < 0.6, 0] = 1
    dense[np.arange(count), 1 + targets] = np.maximum(dense[np.arange(count), 1 + targets], rng.random(count) < 0.5)
    pointer = np.concatenate([[0], np.cumsum(dense.sum(axis=1))]).astype(np.int64)
    return SparseRows(pointer, np.nonzero(dense)[1].astype(np.int32), FEATURES), dense, targets


def test_the_features_are_scaled_by_their_ratio_or_not() -> None:
    linear_model = pytest.importorskip("sklearn.linear_model")
    data, dense, targets = rows_of(150, 2)
    for kind in ("ratio", "frequency", "none"):
        scale = np.ones(dense.shape[1])
        if kind == "frequency":
            scale = np.log((1 + 150) / (1 + dense.sum(axis=0))) + 1
        if kind == "ratio":
            counts = np.stack([dense[targets == label].sum(axis=0) + 1 for label in (0, 1)])
            scale = np.log((counts[1] / counts[1].sum()) / (counts[0] / counts[0].sum()))
        sklearn = linear_model.LogisticRegression(C=0.3, solver="liblinear", tol=1e-10, max_iter=10_000).fit(
            dense * scale, targets
        )
        weights, intercept = LogisticProblem(data, targets, 0, kind).fit(np.arange(150), 0.3)
        expected = dense @ (sklearn.coef_[0] * scale) + sklearn.intercept_
        np.testing.assert_allclose(dense @ weights[:, 0] + intercept, expected, atol=0.05)


@pytest.mark.parametrize("classes", [2, 5])
def test_folds_hold_each_class_alike(classes: int) -> None:
    data, _, targets = rows_of(97, classes)
    problem = LogisticProblem(data, targets, 0, classes=classes)
    folds = problem.folds(5, np.random.default_rng(1))
    assert sorted(np.unique(folds).tolist()) == list(range(5))
    for label in range(classes):
        counts = np.bincount(folds[targets == label], minlength=5)
        assert counts.max() - counts.min() <= 1
    assert (folds != problem.folds(5, np.random.default_rng(2))).any()


@pytest.mark.parametrize("classes", [2, 4])
def test_log_loss_is_that_of_scikit_learn(classes: int) -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(0)
    targets = rng.integers(0, classes, 50)
    scores = rng.normal(size=(50, 1 if classes == 2 else classes)) * 5
    logits = np.c_[np.zeros(50), scores] if classes == 2 else scores
    odds = np.exp(logits)
    expected = metrics.log_loss(targets, odds / odds.sum(axis=1, keepdims=True), labels=range(classes))
    assert log_loss(scores, targets) == pytest.approx(expected)
    assert np.isfinite(log_loss(scores * 1e4, targets))


def test_rows_count_by_their_weights_in_fits_and_losses() -> None:
    """A row of weight 3 is three rows."""
    data, dense, targets = rows_of(80, 3)
    repeats = np.random.default_rng(4).integers(1, 4, 80)
    weighted = LogisticProblem(data, targets, 0, "none", repeats.astype(np.float32), classes=3)
    several = np.repeat(np.arange(80), repeats)
    pointer = np.concatenate([[0], np.cumsum(dense[several].sum(axis=1))]).astype(np.int64)
    copied = SparseRows(pointer, np.nonzero(dense[several])[1].astype(np.int32), FEATURES)
    plain = LogisticProblem(copied, targets[several], 0, "none", classes=3)
    weights, intercept = weighted.fit(np.arange(80), 0.3)
    expected, other = plain.fit(np.arange(len(several)), 0.3)
    scores = dense @ weights + intercept
    np.testing.assert_allclose(scores, dense @ expected + other, atol=0.1)
    assert weighted.loss(scores, np.arange(80)) == pytest.approx(log_loss(scores[several], targets[several]))


def test_the_cost_with_the_least_loss_on_rows_it_has_not_seen_is_taken() -> None:
    data, dense, targets = rows_of(120, 2)
    problem = LogisticProblem(data, targets, 0, "ratio")
    folds = problem.folds(4, np.random.default_rng(0))
    costs = (0.001, 0.3, 1000.0)
    with ThreadPoolExecutor(2) as pool:
        best, scores = problem.best_cost(folds, costs, pool)
    losses = {}
    for cost in costs:
        weights, intercept = problem.fit(np.flatnonzero(folds != 0), cost)
        losses[cost] = log_loss(dense[folds == 0] @ weights + intercept, targets[folds == 0])
    assert best == min(losses, key=losses.__getitem__)
    assert log_loss(scores, targets[folds == 0]) == pytest.approx(losses[best])
