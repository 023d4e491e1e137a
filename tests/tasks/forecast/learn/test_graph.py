"""Every graph of a model that forecasts is one that is run; its answers are compared in test_engines.py."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
import torch

from recurra.errors import ExportError
from recurra.inference.closed_graph import check_graph
from recurra.inference.session import open_graph
from recurra.tasks.forecast.engines import GraphEngine
from recurra.tasks.forecast.learn.graph import build
from recurra.tasks.forecast.learn.network import ForecastNetwork, Windows
from support.forecast import shape, weights_of
from support.torch_cells import MODULES


@pytest.mark.parametrize(("cell", "members", "layers", "segment"), list(product(MODULES, (1, 8), (1, 3), (1, 48))))
def test_every_graph_is_run(cell: str, members: int, layers: int, segment: int) -> None:
    network = shape(cell=cell, members=members, layers=layers, segment=segment, hidden=3)
    check_graph(build(network, weights_of(network)), "graph", {})


@pytest.mark.parametrize(("horizon", "segment"), [(720, 24), (700, 24), (5, 9), (9, 9), (65, 8), (1, 1), (4096, 7)])
def test_a_horizon_much_longer_than_the_network_is_wide(horizon: int, segment: int) -> None:
    network = shape(horizon=horizon, segment=segment, hidden=3)
    weights = weights_of(network)
    graph = GraphEngine(open_graph(build(network, weights), "graph", {}))
    rng = np.random.default_rng(0)
    frames = rng.normal(size=(3, network.segments, network.inputs)).astype(np.float32)
    known = rng.normal(size=(3, network.ahead, network.known)).astype(np.float32)
    module = ForecastNetwork(network).eval()
    module.load_state_dict({name: torch.from_numpy(array) for name, array in weights.items()})
    with torch.no_grad():
        expected = module(Windows(torch.from_numpy(frames), torch.from_numpy(known))).numpy()
    assert expected.shape == (3, horizon, 3)
    np.testing.assert_allclose(graph(frames, known), expected, rtol=1e-4, atol=1e-5)


def test_weights_of_another_network_are_refused() -> None:
    weights = weights_of(shape())
    with pytest.raises(ExportError, match="do not fit"):
        build(shape(members=1), weights)
    weights["members.0.state.bias"] = np.full(6, np.inf, dtype=np.float32)
    with pytest.raises(ExportError, match="not finite"):
        build(shape(), weights)
