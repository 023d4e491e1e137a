"""The shape of the network and of its weights."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from recurra.tasks.forecast.learn.network import ForecastNetwork
from support.forecast import shape
from support.torch_cells import MODULES


@pytest.mark.parametrize("cell", MODULES)
@pytest.mark.parametrize("changes", [{}, {"layers": 2, "members": 3}, {"past": 2, "future": 1, "static": 3}])
def test_weights_and_parameters_are_those_of_the_network(cell: str, changes: dict[str, int]) -> None:
    network = shape(cell=cell, **changes)
    state = ForecastNetwork(network).state_dict()
    assert {name: tuple(tensor.shape) for name, tensor in state.items()} == network.weight_shapes()
    assert sum(tensor.numel() for tensor in state.values()) == network.parameters


def test_sizes() -> None:
    network = shape(segment=3, segments=4, horizon=7, past=1, future=2, static=5)
    assert (network.steps, network.ahead, network.channels, network.known) == (12, 3, 6, 15)


@pytest.mark.parametrize("changes", [{"segment": 0}, {"horizon": 0}, {"members": 0}, {"past": -1}, {"cell": "conv"}])
def test_what_cannot_be_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        shape(**changes)
