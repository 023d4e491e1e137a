"""The layer of the columns beside a text."""

from __future__ import annotations

import numpy as np
import torch

from recurra.many_to_one.feature_side import FeatureSide
from recurra.many_to_one.learn.feature_layer import FeatureLayer


def random_layer(seed: int) -> FeatureLayer:
    torch.manual_seed(seed)
    layer = FeatureLayer(5, 4, 3).eval()
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.copy_(torch.randn_like(parameter))
    return layer


def test_it_begins_at_nothing_and_learns() -> None:
    layer, x = FeatureLayer(5, 4, 3), torch.randn(8, 5)
    assert not layer(x).any()
    layer(x).sum().backward()
    assert layer.linear.weight.grad is not None and layer.linear.weight.grad.any()


def test_places_that_no_row_has_say_nothing_however_long_it_learns() -> None:
    layer = FeatureLayer(5, 4, 1)
    layer.ignore(np.array([False, True, False, False, True]))
    optimiser = torch.optim.Adam(layer.parameters(), lr=0.1)
    x = torch.randn(20, 5)
    x[:, [1, 4]] = 0
    for _ in range(5):
        optimiser.zero_grad()
        (layer(x)[:, 0] - x[:, 0]).square().mean().backward()
        optimiser.step()
    y = x.clone()
    y[:, [1, 4]] = 3
    torch.testing.assert_close(layer(y), layer(x))


def test_it_is_averaged_and_blended_as_its_scores_are() -> None:
    layers, x = [random_layer(seed) for seed in range(3)], torch.randn(6, 5)
    whole = FeatureLayer.mean(layers)
    wanted = torch.stack([layer(x) for layer in layers]).mean(dim=0)
    torch.testing.assert_close(whole(x), wanted)
    linear = np.random.default_rng(0).normal(size=(5, 3))
    whole.blend(0.25, linear)
    torch.testing.assert_close(whole(x), 0.75 * wanted + 0.25 * x @ torch.from_numpy(linear).float())


def test_what_is_exported_is_what_answers() -> None:
    layer, x = random_layer(1), torch.randn(6, 5)
    side = FeatureSide.of(layer.exported())
    assert side is not None
    np.testing.assert_allclose(side.scores(x.numpy()), layer(x).detach().numpy(), atol=1e-5)
