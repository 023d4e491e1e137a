"""A graph, or a kernel, that answers differently is found."""

from __future__ import annotations

import numpy as np
import pytest

from recurra.errors import ExportError
from recurra.inference.session import open_graph
from recurra.tasks.forecast.engines import GraphEngine
from recurra.tasks.forecast.learn.check import check
from recurra.tasks.forecast.learn.graph import build
from support.forecast import shape, weights_of


def test_a_difference_is_an_error() -> None:
    network = shape()
    weights, rng = weights_of(network), np.random.default_rng(0)
    frames = rng.normal(size=(3, network.segments, network.inputs)).astype(np.float32)
    known = rng.normal(size=(3, network.ahead, network.known)).astype(np.float32)
    graph = build(network, weights)
    expected = GraphEngine(open_graph(graph, "model.onnx", {}))(frames, known)
    check(network, graph, weights, frames, known, expected)
    wrong = expected.copy()
    wrong[2, 4, 1] += 0.01
    with pytest.raises(ExportError, match="answers differently"):
        check(network, graph, weights, frames, known, wrong)
