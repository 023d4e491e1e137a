"""The C kernel, ONNX Runtime and PyTorch give the same quantiles."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
import torch

from recurra.errors import ArtefactError
from recurra.inference.kernel_layers import available
from recurra.inference.session import open_graph
from recurra.tasks.forecast.engines import GraphEngine, KernelEngine
from recurra.tasks.forecast.learn.graph import build
from recurra.tasks.forecast.learn.network import ForecastNetwork, Windows
from support.forecast import shape, weights_of
from support.torch_cells import MODULES

needs_kernel = pytest.mark.skipif(not available(), reason="there is no kernel for this processor here")


@pytest.mark.parametrize(("cell", "layers", "members", "horizon"), list(product(MODULES, (1, 2), (1, 3), (2, 6, 7))))
def test_all_engines_answer_alike(cell: str, layers: int, members: int, horizon: int) -> None:
    network = shape(cell=cell, layers=layers, members=members, horizon=horizon, hidden=9, future=1)
    weights = weights_of(network)
    module = ForecastNetwork(network)
    module.load_state_dict({name: torch.from_numpy(value) for name, value in weights.items()})
    module.eval()
    graph = GraphEngine(open_graph(build(network, weights), "model.onnx", {}))
    engines = [graph, KernelEngine(network, weights)] if available() else [graph]
    rng = np.random.default_rng(1)
    for rows in (1, 5, 33):
        frames = rng.normal(size=(rows, network.segments, network.inputs)).astype(np.float32)
        known = rng.normal(size=(rows, network.ahead, network.known)).astype(np.float32)
        with torch.inference_mode():
            expected = module(Windows(torch.from_numpy(frames), torch.from_numpy(known))).numpy()
        assert expected.shape == (rows, horizon, 3)
        assert (np.diff(expected, axis=2) > 0).all()
        for engine in engines:
            np.testing.assert_allclose(engine(frames, known), expected, atol=3e-5)


@needs_kernel
def test_weights_of_another_network_are_refused() -> None:
    network = shape()
    with pytest.raises(ArtefactError, match="does not hold the weights"):
        KernelEngine(network, weights_of(shape(hidden=7)))
    weights = weights_of(network)
    weights["members.1.position"][0, 0] = np.nan
    with pytest.raises(ArtefactError, match="not finite"):
        KernelEngine(network, weights)
