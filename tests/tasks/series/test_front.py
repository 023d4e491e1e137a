"""The convolutions before the recurrent layers, in NumPy, against PyTorch's on each series by itself."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional

from recurra.tasks.series.front import Front
from support.series import shape, weights_of

FRONTS = [(((1, 5, 1),), 1), (((3, 6, 2),), 3), (((9, 4, 3), (5, 6, 1), (3, 7, 2)), 4)]


@pytest.mark.parametrize(("front", "pool"), FRONTS)
def test_each_series_is_convolved_and_pooled_by_itself(front: tuple[tuple[int, int, int], ...], pool: int) -> None:
    network = shape(front=front, pool=pool)
    weights = weights_of(network)
    rng = np.random.default_rng(0)
    lengths = np.array([1, 13, 4, 29, 30, 2])
    frames = np.zeros((len(lengths), 30, network.values), dtype=np.float32)
    for row, length in zip(frames, lengths, strict=True):
        row[:length] = rng.normal(size=(length, network.values))
    found = Front.of(network, weights)(frames, lengths)
    for row, length in enumerate(lengths):
        x = torch.from_numpy(frames[row, :length].T[None])
        for number, (width, _, stride) in enumerate(front):
            weight, bias = (torch.from_numpy(weights[f"front.{number}.{part}"]) for part in ("weight", "bias"))
            x = functional.conv1d(x, weight, bias, stride, width // 2).relu()
        steps = functional.max_pool1d(x, pool, ceil_mode=True)[0].T.numpy()
        assert found.counts[row] == len(steps) == -(-length // network.step)
        np.testing.assert_allclose(found.steps[row, : len(steps)], steps, atol=1e-5)
        np.testing.assert_allclose(found.pooled[row], torch.cat([x.amax(2), x.mean(2)], 1)[0], atol=1e-5)
