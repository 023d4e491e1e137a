"""What is chosen after training is chosen on the validation rows, and tells what the graph will answer."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch

from recurra.evaluation.calibration import PRIOR, class_logits, fit_temperature
from recurra.many_to_one.learn.blend import fit_regression
from recurra.many_to_one.learn.classification import Classification
from recurra.many_to_one.learn.finish import Finish
from support.ngram_models import examples_of, network, shape


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("calibrate", [True, False])
def test_figures_are_those_of_the_finished_network(classes: int, calibrate: bool) -> None:
    rng = np.random.default_rng(0)
    targets = rng.integers(0, classes, 120)
    rows = examples_of([rng.integers(0, 16, 9).tolist() for _ in targets], targets.tolist())
    made = network(shape(2, outputs=1 if classes == 2 else classes))
    before = copy.deepcopy(made)
    objective = Classification(classes, calibrate)
    regression = fit_regression(made, rows, objective, seed=0, threads=1)
    finished = Finish(objective, rows, rows.encodings(), regression, threads=1)(made)
    logits = class_logits(objective.logits(made, rows, torch.device("cpu")))
    answers = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    assert finished.valid["rows"] == 120
    assert finished.valid["accuracy"] == pytest.approx((answers.argmax(1) == targets).mean())
    assert finished.valid["log_loss"] == pytest.approx(-answers[np.arange(120), targets].mean(), abs=1e-3)
    expected = fit_temperature(answers, targets, PRIOR) if calibrate else 1.0
    assert finished.temperature == pytest.approx(expected, rel=1e-2)
    assert finished.blended is not None and finished.blended["c"] == regression.c
    loose = Finish(objective, rows, rows.encodings(), None, threads=1)(before)
    assert loose.blended is None and loose.valid["log_loss"] != finished.valid["log_loss"]
