"""The average of the weights is the one that its formula gives, and the network's own weights come back."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from recurra.training.averaging import WeightAverage


def test_it_is_the_exponential_average_of_the_weights_after_each_step() -> None:
    network = nn.Linear(3, 2)
    average = WeightAverage(network, 0.6)
    values = np.random.default_rng(0).normal(size=(8, 2, 3)).astype(np.float32)
    expected = network.weight.detach().numpy().astype(np.float64)
    for step, value in enumerate(values, 1):
        with torch.no_grad():
            network.weight.copy_(torch.from_numpy(value))
        average.update(step)
        decay = min(0.6, step / (step + 9))
        expected = decay * expected + (1 - decay) * value
    np.testing.assert_allclose(average.tensors()["weight"].numpy(), expected, rtol=1e-5)


def test_inside_the_block_the_network_has_the_average_and_afterwards_its_own_weights() -> None:
    network = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2))
    average = WeightAverage(network, 0.9)
    before = {name: value.clone() for name, value in average.tensors().items()}
    with torch.no_grad():
        for weight in network.parameters():
            weight.add_(1)
    own = {name: weight.detach().clone() for name, weight in network.named_parameters()}
    with average.applied():
        for name, weight in network.named_parameters():
            assert torch.equal(weight, before[name])
    with pytest.raises(ZeroDivisionError), average.applied():
        1 / 0  # noqa: B018
    for name, weight in network.named_parameters():
        assert torch.equal(weight, own[name])
        assert not torch.equal(own[name], before[name])


def test_without_a_decay_nothing_is_kept_and_nothing_changes() -> None:
    network = nn.Linear(2, 2)
    average, before = WeightAverage(network, 0.0), network.weight.detach().clone()
    average.update(1)
    with average.applied():
        assert torch.equal(network.weight, before)
    assert average.tensors() == {}


def test_it_goes_on_from_what_it_returned() -> None:
    network = nn.Linear(2, 2)
    one = WeightAverage(network, 0.9)
    with torch.no_grad():
        network.weight.add_(1)
    one.update(100)
    other = WeightAverage(network, 0.9)
    other.restore({name: value.clone() for name, value in one.tensors().items()})
    assert torch.equal(other.tensors()["weight"], one.tensors()["weight"])
    with pytest.raises(KeyError):
        other.restore({})


def test_weights_that_are_not_trained_are_not_averaged() -> None:
    network = nn.Linear(2, 1)
    network.bias.requires_grad_(False)
    average = WeightAverage(network, 0.9)
    assert set(average.tensors()) == {"weight"}
    with average.applied():
        assert torch.equal(network.weight, average.tensors()["weight"])
