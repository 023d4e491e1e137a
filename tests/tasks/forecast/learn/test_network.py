"""The network before and in training."""

from __future__ import annotations

import numpy as np
import torch

from recurra.tasks.forecast.learn.network import FIRST, ForecastNetwork, Windows
from support.forecast import shape


def windows(rows: int, seed: int = 0) -> Windows:
    network, generator = shape(), torch.Generator().manual_seed(seed)
    frames = torch.randn(rows, network.segments, network.inputs, generator=generator)
    return Windows(frames, torch.randn(rows, network.ahead, network.known, generator=generator))


def test_at_first_the_anchor_is_right() -> None:
    found = ForecastNetwork(shape()).eval()(windows(4)).detach().numpy()
    far = np.exp(np.float32(FIRST))
    np.testing.assert_allclose(found, np.broadcast_to([-far, 0, far], (4, 5, 3)), atol=1e-6)


def test_members_learn_apart_and_answer_together() -> None:
    network = ForecastNetwork(shape())
    for member in network.members:
        torch.nn.init.normal_(member.head.weight)
    given = windows(3)
    each = network.train()(given)
    assert each.shape == (2, 3, 5, 3)
    assert not torch.allclose(each[0], each[1])
    torch.testing.assert_close(network.eval()(given), each.mean(dim=0))


def test_noise_is_added_to_values_and_errors_alone() -> None:
    network, given = ForecastNetwork(shape(), noise=0.3).train(), windows(50)
    moved = (network._noisy(given.frames) - given.frames).view(50, 4, 3, 3)
    assert abs(float(moved[..., :2].std()) - 0.3) < 0.02
    assert float(moved[..., 2].abs().max()) == 0
    assert network.eval()._noisy(given.frames) is given.frames
