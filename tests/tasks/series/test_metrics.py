"""The scores are those of labels or of numbers."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, log_loss, mean_squared_error

from recurra.evaluation.calibration import softmax
from recurra.tasks.series.metrics import score

RNG = np.random.default_rng(0)


def test_labels() -> None:
    outputs, targets = RNG.normal(size=(40, 3)).astype(np.float32), RNG.integers(0, 3, 40)
    found = score(outputs, targets, ["a", "b", "c"])
    assert found["accuracy"] == pytest.approx(accuracy_score(targets, outputs.argmax(axis=1)))
    assert found["log_loss"] == pytest.approx(log_loss(targets, softmax(outputs)))


def test_numbers() -> None:
    outputs, targets = RNG.normal(size=(40, 1)).astype(np.float32), RNG.normal(size=40)
    found = score(outputs, targets, [])
    assert found["rmse"] == pytest.approx(mean_squared_error(targets, outputs[:, 0]) ** 0.5)
    assert "accuracy" not in found
