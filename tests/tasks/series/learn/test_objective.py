"""What series are trained for, against formulas; scores come in the order of the rows."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.special import log_softmax
from torch import nn

from recurra.tasks.series.learn.examples import Examples
from recurra.tasks.series.learn.objective import SMOOTHING, Labels, Numbers, scored


class Sums(nn.Module):
    """Outputs that tell the rows apart: the sum of the frames, and its negative."""

    def forward(self, batch: torch.Tensor) -> torch.Tensor:
        total = (batch.values * batch.mask()[:, :, None]).sum((1, 2))  # type: ignore[attr-defined]
        return torch.stack([total, -total], dim=1)


def made(targets: np.ndarray) -> tuple[Examples, np.ndarray]:
    rng = np.random.default_rng(0)
    frames = [rng.normal(size=(int(length), 2)).astype(np.float32) for length in rng.integers(1, 30, len(targets))]
    return Examples(frames, targets), np.array([values.sum() for values in frames])


def test_scores_come_in_the_order_of_the_rows() -> None:
    rows, sums = made(np.arange(40) % 2)
    outputs, targets = scored(Sums(), rows, torch.device("cpu"))
    np.testing.assert_allclose(outputs[:, 0], sums, rtol=1e-4, atol=1e-5)
    np.testing.assert_array_equal(targets, rows.targets)


def test_labels_are_smoothed_in_training_alone() -> None:
    rows, sums = made(np.arange(40) % 2)
    chances = log_softmax(np.stack([sums, -sums], axis=1), axis=1)
    plain = -chances[np.arange(40), rows.targets].mean()
    found = Labels().validate(Sums(), rows, torch.device("cpu"))
    assert found.metrics["loss"] == found.monitor.value == pytest.approx(plain, rel=1e-4)
    assert found.metrics["accuracy"] == pytest.approx(np.mean((sums < 0) == rows.targets))
    outputs, targets = scored(Sums(), rows, torch.device("cpu"))
    smooth = (1 - SMOOTHING) * plain - SMOOTHING * chances.mean()
    assert float(Labels().loss(outputs, targets)) == pytest.approx(smooth, rel=1e-4)
    sums_of = Labels().metrics(outputs, targets)
    assert Labels().summarise(sums_of)["accuracy"] == pytest.approx(found.metrics["accuracy"])


def test_numbers_have_half_their_squared_error() -> None:
    rows, sums = made(np.linspace(-1, 1, 40).astype(np.float32))
    found = Numbers().validate(Sums(), rows, torch.device("cpu"))
    assert found.metrics["loss"] == pytest.approx(np.square(sums - rows.targets).mean() / 2, rel=1e-4)
    outputs, targets = scored(Sums(), rows, torch.device("cpu"))
    assert float(Numbers().loss(outputs, targets)) == pytest.approx(found.metrics["loss"], rel=1e-4)
    absolute = Numbers().summarise(Numbers().metrics(outputs, targets))["mean_absolute_error"]
    assert absolute == pytest.approx(np.abs(sums - rows.targets).mean(), rel=1e-4)
    assert found.metrics["mean_absolute_error"] == pytest.approx(absolute, rel=1e-4)
