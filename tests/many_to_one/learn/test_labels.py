"""The objective of several labels against scikit-learn's and torch's numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import torch
from scipy import sparse
from scipy.optimize import minimize_scalar
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, log_loss

from recurra.many_to_one.learn.examples import Targets
from recurra.many_to_one.learn.labels import Labels
from recurra.training.logistic_regression import SparseRows

RNG = np.random.default_rng(0)
LOGITS = RNG.normal(size=(60, 5)) * 3
TRUTH = (expit(LOGITS + RNG.normal(size=(60, 5)) * 2) > 0.6).astype(np.uint8)
WEIGHTS = RNG.uniform(0.5, 2, 60).astype(np.float32)


@dataclass
class Rows:
    targets: Any
    weights: Any = None


def targets_of(truth: np.ndarray) -> Targets:
    return Targets(torch.from_numpy(truth))


def test_the_loss_of_a_row_is_the_sum_over_its_labels() -> None:
    objective = Labels(5)
    found = objective.losses(torch.from_numpy(LOGITS), targets_of(TRUTH))
    chances = expit(LOGITS)
    expected = -np.log(np.where(TRUTH > 0, chances, 1 - chances)).sum(axis=1)
    np.testing.assert_allclose(found.numpy(), expected)
    assert objective.mean_loss(LOGITS, Rows(TRUTH)) == pytest.approx(expected.mean())  # type: ignore[arg-type]
    weighted = objective.mean_loss(LOGITS, Rows(TRUTH, WEIGHTS))  # type: ignore[arg-type]
    assert weighted == pytest.approx(np.average(expected, weights=WEIGHTS))
    huge = np.array([[800.0, -800.0, 800.0, -800.0, 0.0]])
    truth = np.array([[0, 1, 1, 0, 1]], dtype=np.uint8)
    assert objective.mean_loss(huge, Rows(truth)) == pytest.approx(1600 + np.log(2))  # type: ignore[arg-type]


def test_figures_of_an_epoch_add_up_over_batches() -> None:
    objective, sums = Labels(5), {"hits": 0.0, "given": 0.0, "labels": 0.0, "count": 0.0}
    for part in (slice(0, 20), slice(20, 60)):
        for name, value in objective.metrics(torch.from_numpy(LOGITS[part]), targets_of(TRUTH[part])).items():
            sums[name] += value
    assert sums["count"] == 60
    expected = f1_score(TRUTH, LOGITS > 0, average="micro")
    assert objective.summarise(sums) == {"micro_f1": pytest.approx(expected)}
    answers = expit(LOGITS)
    figures = objective.figures(answers, Rows(TRUTH))  # type: ignore[arg-type]
    assert figures["micro_f1"] == pytest.approx(expected)
    assert figures["log_loss"] == pytest.approx(log_loss(TRUTH.ravel(), answers.ravel()))
    assert objective.quality(answers, TRUTH) == pytest.approx(((LOGITS > 0) == TRUTH).mean())
    turned = answers.copy()
    turned[3] = 1 - turned[3]
    assert objective.changed(answers, turned) == 1


@pytest.mark.parametrize("weights", [None, WEIGHTS])
def test_one_temperature_has_the_least_loss(weights: Any) -> None:
    objective, rows = Labels(5), Rows(TRUTH, weights)
    found = objective.temperature(LOGITS, rows)  # type: ignore[arg-type]
    best = minimize_scalar(lambda t: objective.mean_loss(LOGITS / t, rows), bounds=(0.05, 20))  # type: ignore[arg-type]
    assert found == pytest.approx(best.x, rel=1e-3) and found != pytest.approx(1, rel=0.05)
    validation = objective.validation(LOGITS, rows)  # type: ignore[arg-type]
    assert validation.monitor.name == "calibrated_loss" and validation.monitor.value < validation.metrics["loss"]
    assert Labels(5, calibrate=False).validation(LOGITS, rows).monitor.name == "loss"  # type: ignore[arg-type]


def test_the_head_starts_at_the_shares_or_at_a_regression() -> None:
    truth = TRUTH.copy()
    truth[:, 0], truth[:, 1] = 0, 1
    network = torch.nn.Module()
    network.head = torch.nn.Linear(3, 5)
    Labels(5).start(network, truth)
    share = (truth.sum(axis=0) + 0.5) / 61
    np.testing.assert_allclose(network.head.bias.detach().numpy(), np.log(share / (1 - share)), rtol=1e-5)
    features = RNG.normal(size=(60, 3))
    started = Labels(5).start_head(features, truth)
    assert started is not None
    weights, bias = started
    assert (weights[:2] == 0).all() and bias[0] < -4 and bias[1] > 4
    oracle = LogisticRegression(C=0.01, max_iter=300).fit(features, truth[:, 2])
    np.testing.assert_allclose(weights[2], oracle.coef_[0], rtol=1e-5)


@pytest.mark.parametrize("scale", ["none", "frequency", "ratio"])
def test_the_linear_problem_is_a_regression_for_each_label(scale: Any) -> None:
    matrix = sparse.random(60, 12, 0.3, format="csr", rng=np.random.default_rng(3), dtype=np.float32)
    matrix.data[:] = 1
    data = SparseRows(matrix.indptr.astype(np.int64), matrix.indices.astype(np.int32), 12)
    problem = Labels(5).problem(data, TRUTH, 0, scale, WEIGHTS)
    rows = np.arange(40)
    weights, intercept = problem.fit(rows, 0.5)
    assert weights.shape == (12, 5) and intercept.shape == (5,)
    dense = matrix.toarray()
    for k in range(5):
        has = TRUTH[:40, k]
        counts = dense[:40].sum(axis=0)
        if scale == "frequency":
            factor = np.log(41 / (1 + counts)) + 1
        elif scale == "ratio":
            own, rest = 1 + dense[:40][has == 1].sum(axis=0), 1 + dense[:40][has == 0].sum(axis=0)
            factor = np.log(own / own.sum()) - np.log(rest / rest.sum())
        else:
            factor = np.ones(12)
        oracle = LogisticRegression(C=0.5, solver="liblinear", tol=1e-8, max_iter=5_000)
        oracle.fit(dense[:40] * factor, has, sample_weight=WEIGHTS[:40])
        np.testing.assert_allclose(weights[:, k], oracle.coef_[0] * factor, atol=0.03)
    scores = dense[40:] @ weights + intercept
    expected = Labels(5).mean_loss(scores, Rows(TRUTH[40:], WEIGHTS[40:]))  # type: ignore[arg-type]
    assert problem.loss(scores, np.arange(40, 60)) == pytest.approx(expected)


def test_one_label_is_enough() -> None:
    objective = Labels(1)
    assert (objective.outputs, objective.classes, objective.link) == (1, 2, "sigmoid")
