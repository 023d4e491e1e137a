"""The objective of classes in an order against the differences of sigmoids, PyTorch's gradients and SciPy."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.optimize import approx_fprime
from sklearn.linear_model import LogisticRegression
from torch.nn import functional

from recurra.many_to_one.learn.examples import Targets
from recurra.many_to_one.learn.order import (
    Order,
    OrderProblem,
    first_thresholds,
    log_probabilities,
    score_losses,
)
from recurra.many_to_one.link import LINKS
from recurra.training.logistic_regression import SparseRows
from support.ngram_models import examples_of


def logits_of(rows: int, classes: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    thresholds = np.sort(rng.normal(size=classes - 1)) * 2
    return np.asarray(rng.normal(size=(rows, 1)) * 3 - thresholds)


@pytest.mark.parametrize("classes", [2, 3, 6])
def test_log_probabilities_are_those_of_the_link(classes: int) -> None:
    logits = logits_of(40, classes)
    found = log_probabilities(torch.from_numpy(logits)).exp().numpy()
    np.testing.assert_allclose(found, LINKS["cumulative"].exact(logits), atol=1e-9)
    extreme = log_probabilities(torch.tensor([[500.0] * (classes - 1), [-500.0] * (classes - 1)]))
    assert torch.isfinite(extreme).all()


@pytest.mark.parametrize("classes", [2, 5])
def test_losses_metrics_and_soft_targets(classes: int) -> None:
    logits = logits_of(30, classes)
    rng = np.random.default_rng(1)
    labels = rng.integers(0, classes, 30)
    objective = Order(classes)
    assert (objective.levels, objective.outputs, objective.classes) == (classes, 1, classes)
    chances = LINKS["cumulative"].exact(logits)
    expected = -np.log(chances[np.arange(30), labels])
    tensor, targets = torch.from_numpy(logits), torch.from_numpy(labels)
    np.testing.assert_allclose(objective.losses(tensor, Targets(targets)).numpy(), expected, rtol=1e-6)
    soft = functional.one_hot(targets, classes).double()
    np.testing.assert_allclose(
        objective.losses(tensor, Targets(targets, probabilities=soft)).numpy(), expected, rtol=1e-6
    )
    sums = objective.metrics(tensor, Targets(targets))
    off = np.abs(chances.argmax(axis=1) - labels)
    assert objective.summarise(sums) == {"accuracy": (off == 0).mean(), "steps_off": off.mean()}
    rows = examples_of([[2]] * 30, labels.tolist())
    figures = objective.figures(chances, rows)
    assert figures["steps_off"] == off.mean()
    assert figures["log_loss"] == pytest.approx(expected.mean())
    found = objective.validation(logits, rows)
    assert found.metrics["loss"] == pytest.approx(expected.mean())
    assert found.monitor.value <= found.metrics["loss"] + 1e-6
    assert objective.changed(chances, chances[:, ::-1]) == (chances.argmax(1) != chances[:, ::-1].argmax(1)).sum()


def test_the_temperature_has_the_least_loss_and_weights_are_repeated_rows() -> None:
    logits = logits_of(60, 4) * 3
    labels = np.random.default_rng(2).integers(0, 4, 60)
    objective, rows = Order(4), examples_of([[2]] * 60, labels.tolist())
    best = objective.temperature(logits, rows)
    losses = [objective.mean_loss(logits / factor, rows) for factor in (best * 0.98, best, best * 1.02)]
    assert losses[1] == min(losses)
    repeats = np.random.default_rng(3).integers(1, 4, 60)
    several = np.repeat(np.arange(60), repeats)
    weighted, copied = replace(rows, weights=repeats.astype(np.float32)), rows.select(several)
    assert objective.mean_loss(logits, weighted) == pytest.approx(objective.mean_loss(logits[several], copied))


def test_first_thresholds_give_each_class_its_share() -> None:
    targets = np.repeat([0, 1, 2, 4], [50, 100, 30, 20])
    thresholds = first_thresholds(targets, 5)
    assert (np.diff(thresholds) > 0).all()
    shares = LINKS["cumulative"].exact(-thresholds[None])[0]
    np.testing.assert_allclose(shares, np.bincount(targets, minlength=5) / 200, atol=0.01)


def test_slopes_are_those_of_the_losses() -> None:
    thresholds, targets = np.array([-1.0, 0.5, 2.0]), np.array([0, 1, 2, 3, 1])
    scores = np.random.default_rng(4).normal(size=5)
    losses, slopes = score_losses(scores, targets, thresholds)
    logits = torch.from_numpy(scores[:, None] - thresholds)
    expected = -log_probabilities(logits).gather(1, torch.from_numpy(targets)[:, None])[:, 0]
    np.testing.assert_allclose(losses, expected.numpy(), rtol=1e-9)
    numeric = approx_fprime(scores, lambda moved: score_losses(moved, targets, thresholds)[0].sum())
    np.testing.assert_allclose(slopes, numeric, atol=1e-5)


def test_of_two_classes_the_linear_model_is_a_logistic_regression() -> None:
    rng = np.random.default_rng(5)
    dense = (rng.random((150, 12)) < 0.4).astype(np.float64)
    targets = (dense @ rng.normal(size=12) + rng.normal(size=150) > 0).astype(np.int64)
    pointer = np.concatenate([[0], np.cumsum(dense.sum(axis=1))]).astype(np.int64)
    data = SparseRows(pointer, np.nonzero(dense)[1].astype(np.int32), 12)
    problem = Order(2).problem(data, targets, 0, "none", None)
    assert isinstance(problem, OrderProblem)
    weights, intercept = problem.fit(np.arange(150), 0.5)
    oracle = LogisticRegression(C=0.5, tol=1e-8, max_iter=2000).fit(dense, targets)
    found = dense @ weights[:, 0] + intercept - problem.thresholds[0]
    np.testing.assert_allclose(found, oracle.decision_function(dense), atol=0.02)
    assert problem.loss(dense @ weights + intercept, np.arange(150)) < np.log(2)
