"""A transcriber as an ONNX graph of standard operators; needs `onnx`, not torch.

    inputs    frames [B, T, stack * V] float32, as the front end makes them; lengths [B] int64, the steps of each row
    outputs   log_probabilities [B, T, K] float32 of the symbols at each step; undefined beyond a row's length

A network that reads forward only can go on where it stopped: optional inputs `past.LAYER.h` [1, B, H], and for the LSTM
`past.LAYER.c`, with the outputs `present.` of the same names: the states after the last step. Padding may have any
value where there is one row a stream.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from onnx import TensorProto

from recurra.export.check import fitting
from recurra.export.graph_builder import FLOATS, INTEGERS, FloatArray, GraphBuilder, Weights
from recurra.export.recurrent_layer import RecurrentLayer, joined
from recurra.export.serialise import serialise
from recurra.tasks.transcribe.shape import TranscriberShape


def build(shape: TranscriberShape, weights: Weights) -> bytes:
    """Return the ONNX file of a transcriber. weights: by the names of `shape.weight_shapes()`.

    Raises ExportError for weights that do not fit, are not finite, or exceed 2 GiB.
    """
    checked = fitting(weights, shape.weight_shapes())
    graph = GraphBuilder()
    frames = graph.input("frames", FLOATS, ["batch", "time", shape.inputs])
    graph.input("lengths", INTEGERS, ["batch"])
    graph.output("log_probabilities", FLOATS, ["batch", "time", shape.symbols])
    lengths = graph.node("Cast", ["lengths"], to=TensorProto.INT32)
    values = graph.node("Transpose", [_standardised(graph, frames, shape, checked)], perm=[1, 0, 2])  # [T, B, D]
    for depth in range(shape.layers):
        layer = RecurrentLayer(graph, checked, f"recurrent.layers.{depth}", shape.cell, shape.direction)
        initial, final = _states(graph, shape, depth)
        states, _ = layer.append(values, lengths=lengths, initial=initial, final=final)
        values = joined(graph, states, shape.stack_of_layers.directions, shape.features)
    logits = graph.linear("head", values, checked["head.weight"], checked["head.bias"])  # [T, B, K]
    total = graph.node("ReduceLogSumExp", [logits], axes=[2], keepdims=1)
    graph.node("Transpose", [graph.node("Sub", [logits, total])], "log_probabilities", perm=[1, 0, 2])
    return serialise(graph, "recurra-transcriber")


def _standardised(graph: GraphBuilder, frames: str, shape: TranscriberShape, weights: Mapping[str, FloatArray]) -> str:
    """Return frames less the mean of the training set, divided by its deviation."""
    mean, deviation = (graph.weight(name, np.tile(weights[name], shape.stack)) for name in ("mean", "deviation"))
    return graph.node("Div", [graph.node("Sub", [frames, mean]), deviation])


def _states(graph: GraphBuilder, shape: TranscriberShape, depth: int) -> tuple[list[str], list[str]]:
    """Declare the states of a layer, if it has any; return the names of those before and of those after."""
    names = [name for name in shape.states if name.split(".")[0] == str(depth)]
    empty = np.zeros((1, 1, shape.hidden), dtype=np.float32)
    initial = []
    for name in names:
        past = graph.optional_state(name, empty, rows=1)
        initial.append(_for_each_row(graph, past))
    return initial, [f"present.{name}" for name in names]


def _for_each_row(graph: GraphBuilder, past: str) -> str:
    """Return a state [1, 1 or B, H] as [1, B, H]."""
    rows = graph.node("Shape", ["lengths"])
    size = graph.node("Concat", [graph.ints([1]), rows, graph.ints([1])], axis=0)
    return graph.node("Expand", [past, size])
