"""A tagger as an ONNX graph of standard operators; needs `onnx`, not torch.

    inputs    see `tasks.tag.model.input_names`: U distinct words with their characters, and sentences [B, T] over them
    outputs   scores [B, T, K] float32; undefined beyond a sentence's length
              with a CRF also transitions [K, K], starts [K] and ends [K], which are constants: the tagger reads them
              once and decodes the likeliest tags itself

The characters of a word are read once, however often it occurs. Padding may have any value.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from onnx import TensorProto

from recurra.export.check import finite
from recurra.export.graph_builder import FLOATS, INTEGERS, FloatArray, GraphBuilder, Weights
from recurra.export.recurrent_layer import RecurrentLayer, joined, joined_last
from recurra.export.serialise import serialise
from recurra.tasks.tag.features import AFFIXES
from recurra.tasks.tag.model import input_names
from recurra.tasks.tag.shape import KERNEL, TaggerShape

LEAST = float(np.finfo(np.float32).min)

_AXES: dict[str, list[str | int]] = {
    "affixes": ["distinct", AFFIXES],
    "characters": ["distinct", "size"],
    "index": ["batch", "time"],
    "lengths": ["batch"],
}


def build(shape: TaggerShape, weights: Weights) -> bytes:
    """Return the ONNX file of a tagger. weights: by their names in the state of `TaggerNetwork`.

    Raises ExportError for weights that are not finite, or that exceed 2 GiB.
    """
    checked = finite(weights)
    graph = GraphBuilder()
    for name in input_names(shape):
        graph.input(name, INTEGERS, _AXES.get(name, ["distinct"]))
    graph.output("scores", FLOATS, ["batch", "time", shape.tags])
    parts = [_looked_up(graph, checked, "words"), _looked_up(graph, checked, "kinds")]
    if shape.affix_embedding:
        affixes = _looked_up(graph, checked, "affixes")  # [U, AFFIXES, A]
        total = graph.node("ReduceSum", [affixes, graph.ints([1])], keepdims=0)
        parts.append(graph.node("Div", [total, graph.weight("root", np.array(AFFIXES**0.5, dtype=np.float32))]))
    if shape.characters != "none":
        read = _convolved if shape.characters == "convolution" else _read
        parts.append(read(graph, shape, checked))
    distinct = graph.node("Concat", parts, axis=1)  # [U, D]
    values = graph.node("Gather", [distinct, graph.node("Transpose", [_safe_index(graph)], perm=[1, 0])])  # [T, B, D]
    lengths = graph.node("Cast", ["lengths"], to=TensorProto.INT32)
    for depth in range(shape.layers):
        layer = RecurrentLayer(graph, checked, f"recurrent.layers.{depth}", shape.cell, "both")
        states, _ = layer.append(values, lengths=lengths)
        values = joined(graph, states, 2, shape.features)
    weight = graph.weight("head.weight", checked["head.weight"].T)  # [F, K]
    product = graph.node("MatMul", [values, weight])
    scores = graph.node("Add", [product, graph.weight("head.bias", checked["head.bias"])])
    graph.node("Transpose", [scores], "scores", perm=[1, 0, 2])
    if shape.crf:
        for name in ("transitions", "starts", "ends"):
            array = checked[f"crf.{name}"]
            graph.node("Identity", [graph.weight(f"crf.{name}", array)], name)
            graph.output(name, FLOATS, array.shape)
    return serialise(graph, "recurra-tagger")


def _looked_up(graph: GraphBuilder, weights: Mapping[str, FloatArray], name: str) -> str:
    table = f"{name}.weight"
    return graph.node("Gather", [graph.weight(table, weights[table]), name])


def _mask(graph: GraphBuilder, values: str, lengths: str) -> str:
    """Return [rows, width] bool, true within a row's length."""
    return graph.node("Less", [graph.steps(values), graph.node("Unsqueeze", [lengths, graph.ints([1])])])


def _safe_index(graph: GraphBuilder) -> str:
    return graph.node("Where", [_mask(graph, "index", "lengths"), "index", graph.scalar(0)])


def _embedded_characters(graph: GraphBuilder, weights: Mapping[str, FloatArray]) -> tuple[str, str]:
    """Return (vectors [U, C, D], mask [U, C]) of the characters; padding is the unknown character."""
    real = _mask(graph, "characters", "sizes")
    safe = graph.node("Where", [real, "characters", graph.scalar(0)])
    table = "characters.embedding.weight"
    return graph.node("Gather", [graph.weight(table, weights[table]), safe]), real


def _convolved(graph: GraphBuilder, shape: TaggerShape, weights: Mapping[str, FloatArray]) -> str:
    """Return [U, features]: the largest answer of each filter over the real characters."""
    vectors, real = _embedded_characters(graph, weights)
    real = graph.node("Unsqueeze", [real, graph.ints([1])])  # [U, 1, C]
    x = graph.node("Transpose", [vectors], perm=[0, 2, 1])  # [U, D, C]
    x = graph.node("Where", [real, x, graph.weight("zero", np.array(0, dtype=np.float32))])
    filters = [
        graph.weight(f"characters.filters.{name}", weights[f"characters.filters.{name}"]) for name in ("weight", "bias")
    ]
    answers = graph.node("Conv", [x, *filters], kernel_shape=[KERNEL], pads=[KERNEL // 2, KERNEL // 2])
    answers = graph.node("Where", [real, answers, graph.weight("least", np.array(LEAST, dtype=np.float32))])
    return graph.node("ReduceMax", [answers], axes=[2], keepdims=0)


def _read(graph: GraphBuilder, shape: TaggerShape, weights: Mapping[str, FloatArray]) -> str:
    """Return [U, features]: the last state of each direction over the characters."""
    vectors, _ = _embedded_characters(graph, weights)
    x = graph.node("Transpose", [vectors], perm=[1, 0, 2])  # [C, U, D]
    sizes = graph.node("Cast", ["sizes"], to=TensorProto.INT32)
    layer = RecurrentLayer(graph, weights, "characters.recurrent.layers.0", shape.cell, "both")
    _, last = layer.append(x, lengths=sizes)  # [2, U, H]
    return joined_last(graph, last, shape.character_features)
