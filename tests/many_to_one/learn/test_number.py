"""The objective of numbers against PyTorch and scikit-learn, and answers in the unit of the targets."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, get_args

import numpy as np
import pytest
import torch
from sklearn import metrics as oracle
from sklearn.linear_model import Ridge
from torch.nn import functional

from recurra.many_to_one.learn.examples import Targets
from recurra.many_to_one.learn.linear_problem import inverse_frequency
from recurra.many_to_one.learn.network import ManyToOneNetwork
from recurra.many_to_one.learn.number import HUBER, PENALTY, Loss, Number, RidgeLinearProblem
from recurra.nn.batch import Batch
from recurra.training.logistic_regression import SparseRows
from support.ngram_models import examples_of
from support.regressors import shape


@pytest.mark.parametrize("measure", get_args(Loss))
def test_losses_are_those_of_torch_with_and_without_weights(measure: Any) -> None:
    rng = np.random.default_rng(0)
    logits = torch.from_numpy(rng.normal(size=(9, 1)).astype(np.float32) * 2)
    truth, weights = (torch.from_numpy(rng.random(9).astype(np.float32)) for _ in range(2))
    each = {
        "squared": functional.mse_loss(logits[:, 0], truth, reduction="none") / 2,
        "huber": functional.huber_loss(logits[:, 0], truth, reduction="none", delta=HUBER),
        "absolute": functional.l1_loss(logits[:, 0], truth, reduction="none"),
    }[measure]
    objective = Number(3.0, 2.0, measure)
    assert objective.loss(logits, Targets(truth)).item() == pytest.approx(each.mean().item())
    weighted = objective.loss(logits, Targets(truth, weights=weights)).item()
    assert weighted == pytest.approx((each * weights).mean().item())
    rows = replace(examples_of([[2, 3]] * 9, truth.tolist()), targets=truth.numpy(), weights=weights.numpy())
    expected = float((each * weights).sum() / weights.sum())
    assert objective.mean_loss(logits.double().numpy(), rows) == pytest.approx(expected, rel=1e-5)


def test_figures_are_in_the_unit_of_the_targets() -> None:
    rng = np.random.default_rng(1)
    targets = rng.normal(size=60) * 7 + 100
    objective = Number.of(targets)
    standard = objective.standardised(targets)
    assert standard.mean() == pytest.approx(0, abs=1e-6)
    assert standard.std() == pytest.approx(1, abs=1e-6)
    np.testing.assert_allclose(objective.own(standard), targets, rtol=1e-6)
    answers = targets[:, None] + rng.normal(size=(60, 1))
    rows = replace(examples_of([[2]] * 60, [0] * 60), targets=standard)
    figures = objective.figures(answers, rows)
    assert figures["mae"] == pytest.approx(oracle.mean_absolute_error(targets, answers[:, 0]), rel=1e-5)
    assert figures["rmse"] == pytest.approx(oracle.root_mean_squared_error(targets, answers[:, 0]), rel=1e-5)
    assert objective.quality(answers, standard) == pytest.approx(oracle.r2_score(targets, answers[:, 0]), rel=1e-5)
    found = objective.validation((answers - objective.mean) / objective.deviation, rows)
    assert found.metrics["mae"] == pytest.approx(figures["mae"], rel=1e-5)
    assert found.monitor.value == found.metrics["loss"]
    sums = objective.metrics(torch.zeros(60, 1), Targets(torch.from_numpy(standard)))
    assert objective.summarise(sums)["mae"] == pytest.approx(np.abs(targets - targets.mean()).mean(), rel=1e-5)
    moved = answers + objective.deviation * np.repeat([0.0, 0.02], 30)[:, None]
    assert objective.changed(answers, moved) == 30
    assert objective.temperature(answers, rows) == 1
    assert objective.unit == pytest.approx(targets.std())


def test_equal_targets_have_a_deviation_of_one() -> None:
    assert Number.of(np.full(5, 3.0)).deviation == 1


@pytest.mark.parametrize(("order", "beside"), [(0, 0), (2, 0), (2, 3)])
def test_a_finished_network_answers_in_the_unit_of_the_targets(order: int, beside: int) -> None:
    torch.manual_seed(0)
    network = ManyToOneNetwork(shape(order).model_copy(update={"feature_inputs": beside, "feature_hidden": 4})).eval()
    if network.ngrams is not None:
        torch.nn.init.normal_(network.ngrams.table.weight)
    batch = Batch.of([np.array([2, 3, 4], dtype=np.int32), np.array([5], dtype=np.int32)])
    if network.features is not None:
        for weight in network.features.parameters():
            torch.nn.init.normal_(weight)
        batch = replace(batch, beside=torch.randn(2, beside))
    objective = Number(100.0, 7.0)
    with torch.inference_mode():
        before = network(batch)
    objective.finish(network)
    with torch.inference_mode():
        np.testing.assert_allclose(network(batch).numpy(), 100 + 7 * before.numpy(), rtol=1e-4)
    objective.begin(network)
    with torch.inference_mode():
        np.testing.assert_allclose(network(batch).numpy(), before.numpy(), atol=1e-4)


def test_the_linear_model_is_ridge_regression_on_inverse_frequencies() -> None:
    rng = np.random.default_rng(2)
    dense = (rng.random((80, 20)) < 0.3).astype(np.float64)
    dense[:, 0] = 1
    pointer = np.concatenate([[0], np.cumsum(dense.sum(axis=1))]).astype(np.int64)
    data = SparseRows(pointer, np.nonzero(dense)[1].astype(np.int32), 20)
    targets = (dense @ rng.normal(size=20) + rng.normal(size=80)).astype(np.float32)
    problem = Number(0.0, 1.0).problem(data, targets, 0, "ratio", None)
    assert isinstance(problem, RidgeLinearProblem)
    some = np.arange(60)
    weights, intercept = problem.fit(some, 0.5)
    counts = dense[some].sum(axis=0).astype(np.int32)[:, None]
    scale = inverse_frequency(counts, 60)
    alpha = PENALTY / 0.5 * dense[some].sum(axis=1).mean() * np.mean(np.square(scale[data.indices]))
    fitted = Ridge(alpha).fit(dense[some] * scale, targets[some])
    np.testing.assert_allclose(dense @ weights[:, 0] + intercept, fitted.predict(dense * scale), atol=0.02)
    scores = dense @ weights + intercept
    assert problem.loss(scores[60:], np.arange(60, 80)) == pytest.approx(
        np.square(scores[60:, 0] - targets[60:]).mean() / 2
    )


def test_a_head_starts_from_ridge_regression() -> None:
    rng = np.random.default_rng(3)
    features, truth = rng.normal(size=(300, 4)), rng.normal(size=4)
    weights, bias = Number(0.0, 1.0).start_head(features, features @ truth + 2)  # type: ignore[misc]
    assert weights.shape == (1, 4)
    assert np.corrcoef(weights[0], truth)[0, 1] > 0.99
    assert bias[0] == pytest.approx(2, abs=0.3)
