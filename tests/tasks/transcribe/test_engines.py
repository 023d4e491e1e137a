"""The C kernel and ONNX Runtime give the same log-probabilities."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from numpy.typing import NDArray

from recurra.errors import ArtefactError
from recurra.inference.kernel_layers import available
from recurra.inference.session import open_graph
from recurra.tasks.transcribe.engines import GraphEngine, KernelEngine
from recurra.tasks.transcribe.learn.graph import build
from recurra.tasks.transcribe.shape import TranscriberShape

needs_kernel = pytest.mark.skipif(not available(), reason="there is no kernel for this processor here")


def shape(**changes: object) -> TranscriberShape:
    fields = {
        "rate": 8000, "mels": 8, "stack": 2, "cell": "lstm", "hidden": 13, "layers": 2, "direction": "both",
        "symbols": 19,
    }  # fmt: skip
    return TranscriberShape(**{**fields, **changes})


def weights_of(network: TranscriberShape, seed: int = 0) -> dict[str, NDArray[np.float32]]:
    rng = np.random.default_rng(seed)
    return {name: rng.normal(0, 0.4, size).astype(np.float32) for name, size in network.weight_shapes().items()}


@needs_kernel
@pytest.mark.parametrize(
    ("cell", "direction", "layers", "hidden"),
    [*itertools.product(("lstm", "gru", "rnn"), ("both", "forward"), (1, 3), (13, 16))],
)
def test_both_engines_answer_alike(cell: str, direction: str, layers: int, hidden: int) -> None:
    network = shape(cell=cell, direction=direction, layers=layers, hidden=hidden)
    weights = weights_of(network)
    graph = GraphEngine(open_graph(build(network, weights), "model.onnx", {}))
    kernel = KernelEngine(network, weights)
    rng = np.random.default_rng(1)
    for lengths in ([1], [40], [7, 30, 1, 30, 12]):
        frames = rng.standard_normal((len(lengths), max(lengths), network.inputs)).astype(np.float32)
        counts = np.array(lengths, dtype=np.int64)
        expected, answered = graph(frames, counts), kernel(frames, counts)
        assert answered.shape == expected.shape == (*frames.shape[:2], network.symbols)
        for row, length in enumerate(lengths):
            np.testing.assert_allclose(answered[row, :length], expected[row, :length], atol=3e-5)


@needs_kernel
def test_what_stands_in_the_padding_changes_nothing() -> None:
    network = shape()
    kernel = KernelEngine(network, weights_of(network))
    frames = np.random.default_rng(2).standard_normal((2, 9, network.inputs)).astype(np.float32)
    lengths = np.array([9, 4])
    before = kernel(frames, lengths)
    frames[1, 4:] = np.nan
    np.testing.assert_array_equal(kernel(frames, lengths)[1, :4], before[1, :4])


@needs_kernel
def test_weights_of_another_network_are_refused() -> None:
    network = shape()
    with pytest.raises(ArtefactError, match="does not hold the weights"):
        KernelEngine(network, weights_of(shape(hidden=14)))
    weights = weights_of(network)
    weights["head.bias"][3] = np.inf
    with pytest.raises(ArtefactError, match="not finite"):
        KernelEngine(network, weights)
