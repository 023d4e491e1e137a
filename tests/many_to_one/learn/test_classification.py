"""The objective of classes against PyTorch and scikit-learn, with and without weights of rows."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional

from recurra.many_to_one.learn.classification import Classification
from recurra.many_to_one.learn.examples import Targets
from support.ngram_models import examples_of


@pytest.mark.parametrize("classes", [2, 3, 5])
def test_the_loss_of_weighted_rows_is_that_of_torch(classes: int) -> None:
    rng = np.random.default_rng(classes)
    objective = Classification(classes)
    logits = torch.from_numpy(rng.normal(size=(9, objective.outputs)).astype(np.float32))
    labels, weights = torch.from_numpy(rng.integers(0, classes, 9)), torch.from_numpy(rng.random(9).astype(np.float32))
    whole = torch.cat([torch.zeros(9, 1), logits], 1) if classes == 2 else logits
    each = functional.cross_entropy(whole, labels, reduction="none")
    assert objective.loss(logits, Targets(labels)).item() == pytest.approx(each.mean().item(), rel=1e-5)
    weighted = objective.loss(logits, Targets(labels, weights=weights))
    assert weighted.item() == pytest.approx((each * weights).mean().item(), rel=1e-5)


@pytest.mark.parametrize("classes", [2, 3])
def test_a_row_of_twice_the_weight_is_two_rows_in_loss_and_temperature(classes: int) -> None:
    from dataclasses import replace

    rng = np.random.default_rng(1)
    targets = rng.integers(0, classes, 40)
    objective = Classification(classes)
    logits = rng.normal(size=(40, objective.outputs))
    logits[np.arange(40), targets if classes > 2 else 0] += 1 if classes > 2 else 2 * targets - 1
    rows = examples_of([[2, 3]] * 40, targets.tolist())
    repeats = rng.integers(1, 4, 40)
    several = np.repeat(np.arange(40), repeats)
    weighted = replace(rows, weights=repeats.astype(np.float32))
    copied = rows.select(several)
    assert objective.mean_loss(logits, weighted) == pytest.approx(objective.mean_loss(logits[several], copied))
    assert objective.temperature(logits, weighted) == pytest.approx(objective.temperature(logits[several], copied))
    assert objective.temperature(logits, weighted) != pytest.approx(objective.temperature(logits, rows), rel=1e-3)
    plain = objective.validation(logits[several], copied)
    assert objective.validation(logits, weighted).monitor.value == pytest.approx(plain.monitor.value)


def test_answers_are_judged_by_the_likeliest_class() -> None:
    objective = Classification(3)
    answers = np.array([[0.2, 0.5, 0.3], [0.6, 0.3, 0.1], [0.1, 0.1, 0.8], [0.3, 0.4, 0.3]])
    others = answers[:, [1, 0, 2]]
    assert objective.quality(answers, np.array([1, 0, 2, 2])) == 0.75
    assert objective.changed(answers, others) == 3
    rows = examples_of([[2]] * 4, [1, 0, 2, 2])
    figures = objective.figures(answers, rows)
    assert figures["accuracy"] == 0.75
    assert figures["log_loss"] == pytest.approx(-np.log([0.5, 0.6, 0.8, 0.3]).mean())
