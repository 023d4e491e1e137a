"""A language model's network as an ONNX graph of standard operators; needs `onnx`, not torch.

    inputs    ids [B, T] int64
              past.LAYER.h, past.LAYER.c   [1, B, H] float32: the states of a layer, c for the LSTM alone; first zeros
    outputs   logits [B, T, V] float32, each for the next symbol
              present.LAYER.h, present.LAYER.c   the states after the last step

One graph serves both uses: a long text is scored with large T, and one is written with T = 1. There is no padding: all
rows have the same number of symbols.
"""

from __future__ import annotations

from recurra.export.check import fitting
from recurra.export.graph_builder import FLOATS, INTEGERS, GraphBuilder, Weights
from recurra.export.recurrent_layer import RecurrentLayer, joined
from recurra.export.serialise import serialise
from recurra.storage.shape import state_names
from recurra.tasks.generate.shape import LanguageShape


def build(shape: LanguageShape, weights: Weights) -> bytes:
    """Return the ONNX file of a network.

    weights: every name of `shape.weight_shapes()`, in torch's layout and gate order, and no other.
    Raises ExportError for weights that do not fit the network, that are not finite, or that exceed 2 GiB.
    """
    checked = fitting(weights, shape.weight_shapes())
    graph = GraphBuilder()
    graph.input("ids", INTEGERS, ["batch", "time"])
    graph.output("logits", FLOATS, ["batch", "time", shape.vocabulary])
    for name in shape.states:
        graph.input(f"past.{name}", FLOATS, [1, "batch", shape.hidden])
        graph.output(f"present.{name}", FLOATS, [1, "batch", shape.hidden])
    embedding = graph.weight("embedding.weight", checked["embedding.weight"])
    ids = graph.node("Transpose", ["ids"], perm=[1, 0])  # [T, B]
    values = graph.node("Gather", [embedding, ids])  # [T, B, D]
    for depth in range(shape.layers):
        names = state_names(shape.cell, [str(depth)])
        past, present = [f"past.{name}" for name in names], [f"present.{name}" for name in names]
        layer = RecurrentLayer(graph, checked, f"recurrent.layers.{depth}", shape.cell)
        states, _ = layer.append(values, initial=past, final=present)
        values = joined(graph, states, 1, shape.hidden)  # [T, B, H]
    values = graph.node("Transpose", [values], perm=[1, 0, 2])  # [B, T, H]
    if shape.tied:
        values = graph.linear("projection", values, checked["projection.weight"], checked["projection.bias"])
    head = checked["embedding.weight" if shape.tied else "head.weight"]
    graph.linear("head", values, head, checked["head.bias"], "logits")
    return serialise(graph, "recurra-language")
