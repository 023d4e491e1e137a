"""The C kernel, ONNX Runtime and PyTorch with the convolutions beside it give the same outputs."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch

from recurra.errors import ArtefactError
from recurra.inference.kernel_layers import available
from recurra.inference.session import open_graph
from recurra.nn.batch import Batch
from recurra.tasks.series.convolutions import RandomConvolutions
from recurra.tasks.series.engines import GraphEngine, KernelEngine
from recurra.tasks.series.learn.graph import build
from support.series import module_of, shape, weights_of

needs_kernel = pytest.mark.skipif(not available(), reason="there is no kernel for this processor here")
FRONTS = [(1, ((3, 6, 1),)), (1, ((1, 4, 1),)), (2, ((9, 4, 3), (5, 8, 1), (3, 6, 2))), (5, ((5, 6, 1), (3, 8, 1)))]
SIZES = [
    *itertools.product(("lstm", "gru", "rnn"), ("both", "forward"), (1, 2), FRONTS, ((), (1, 3))),
]


@pytest.mark.parametrize(("cell", "direction", "layers", "front", "dilations"), SIZES)
def test_all_engines_answer_alike(
    cell: str, direction: str, layers: int, front: tuple[int, object], dilations: tuple[int, ...]
) -> None:
    network = shape(
        cell=cell,
        direction=direction,
        layers=layers,
        pool=front[0],
        front=front[1],
        dilations=dilations,
        biases=2 * bool(dilations),
    )
    weights, module = weights_of(network), module_of(network)
    graph = GraphEngine(open_graph(build(network, weights), "model.onnx", {}), network)
    kernel = KernelEngine(network, weights) if available() else graph
    rng = np.random.default_rng(1)
    for lengths in ([1], [23], [7, 3, 1, 30, 12]):
        series = [rng.normal(size=(length, network.values)).astype(np.float32) for length in lengths]
        beside = np.zeros((len(series), network.outputs), dtype=np.float32)
        if dilations:
            standard = [(values - weights["mean"]) / weights["deviation"] for values in series]
            beside = RandomConvolutions.of(dilations, weights).of_all(standard) @ weights["convolutions.weight"].T
        with torch.inference_mode():
            expected = module(Batch.of(series)).numpy() + beside
        padded = np.full((len(series), max(lengths), network.values), np.nan, dtype=np.float32)
        for row, values in zip(padded, series, strict=True):
            row[: len(values)] = values
        for engine in (graph, kernel):
            np.testing.assert_allclose(engine(padded, np.array(lengths)), expected, atol=3e-5)


@needs_kernel
def test_weights_of_another_network_are_refused() -> None:
    network = shape()
    with pytest.raises(ArtefactError, match="does not hold the weights"):
        KernelEngine(network, weights_of(shape(hidden=6)))
    weights = weights_of(network)
    weights["convolutions.weight"][0, 5] = np.inf
    with pytest.raises(ArtefactError, match="not finite"):
        KernelEngine(network, weights)
