"""A metric is a function of weights; called plainly it counts every row once."""

from __future__ import annotations

import numpy as np

from recurra.evaluation.metric import Floats, Integers, Metric, Weighted


def _accuracy(probabilities: Floats, targets: Integers) -> Weighted:
    right = probabilities.argmax(axis=1) == targets
    return lambda weights: weights @ right / weights.sum(axis=1)


def test_a_call_weighs_every_row_alike() -> None:
    metric = Metric("Accuracy", "Share that is right.", True, _accuracy)
    rng = np.random.default_rng(0)
    probabilities, targets = rng.random((37, 3)), rng.integers(0, 3, 37)
    assert metric(probabilities, targets) == (probabilities.argmax(axis=1) == targets).mean()
    weights = rng.random((5, 37))
    values = metric.prepare(probabilities, targets)(weights)
    right = probabilities.argmax(axis=1) == targets
    np.testing.assert_allclose(values, [np.average(right, weights=row) for row in weights])
