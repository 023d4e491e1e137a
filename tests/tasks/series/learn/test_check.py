"""An export that answers differently from its network is refused."""

from __future__ import annotations

import numpy as np
import pytest

from recurra.errors import ExportError
from recurra.inference.session import open_graph
from recurra.tasks.series.engines import GraphEngine
from recurra.tasks.series.learn.check import check
from recurra.tasks.series.learn.graph import build
from support.series import shape, weights_of


def test_answers_are_compared_with_the_network_s() -> None:
    network = shape()
    weights = weights_of(network)
    graph = build(network, weights)
    frames = [np.random.default_rng(n).normal(size=(n, 4)).astype(np.float32) for n in (3, 11)]
    engine = GraphEngine(open_graph(graph, "model.onnx", {}), network)
    expected = np.concatenate([engine(one[None], np.array([len(one)])) for one in frames])
    check(network, graph, weights, frames, expected)
    with pytest.raises(ExportError, match="answers differently"):
        check(network, graph, weights, frames, expected + 0.01)
    with pytest.raises(ExportError, match="answers differently"):
        check(network, build(network, weights | {"mean": weights["mean"] + 1}), weights, frames, expected)
