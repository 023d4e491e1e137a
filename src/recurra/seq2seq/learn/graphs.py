"""An encoder-decoder as two ONNX graphs of standard operators: one reads the sources, one writes the next piece.

    model.onnx   inputs   ids [B, S] int64, right-padded with anything;  lengths [B] int64, 1 <= length <= S
                 outputs  memory [B, S, F] float32, zeros in the padding;  start [B, D] float32;
                          where sequences are matched, match [B, 2M] float32: the vectors as a source and as a target
    step.onnx    inputs   pieces [B, K] int64, the last piece of K candidates for each source, BEGIN before the first;
                          lengths, memory, start as above;  past.NAME [B, K, F] float32 for each of `shape.states`,
                          zeros before the first piece;  most [1] int64, how many choices to return
                 outputs  logits [B, K, V];  scores [B, K, most], the largest log-probabilities;  choices [B, K, most]
                          int64, their pieces;  attention [B, K, S];  present.NAME [B, K, F]

The candidates of a source share its memory. Padding never changes an answer: it is never read by the recurrence, and
the attention gives it no weight.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from onnx import TensorProto

from recurra.export.check import finite
from recurra.export.graph_builder import FLOATS, INTEGERS, FloatArray, GraphBuilder, Weights
from recurra.export.recurrent_layer import RecurrentLayer, joined, joined_last
from recurra.export.serialise import serialise
from recurra.seq2seq.shape import BEGIN, Seq2SeqShape
from recurra.storage.shape import state_names


def build_encoder(shape: Seq2SeqShape, weights: Weights) -> bytes:
    """Return model.onnx. weights: the network's state by name. Raises ExportError for values that are not finite."""
    checked, graph = finite(weights), GraphBuilder()
    graph.input("ids", INTEGERS, ["batch", "time"])
    graph.input("lengths", INTEGERS, ["batch"])
    graph.output("memory", FLOATS, ["batch", "time", shape.decoder_width])
    graph.output("start", FLOATS, ["batch", shape.embedding])
    ids = graph.node("Where", [_mask(graph, "ids"), "ids", graph.scalar(0)])
    ids = graph.node("Transpose", [ids], perm=[1, 0])  # [S, B]
    values = graph.node("Gather", [graph.weight("embedding.weight", checked["embedding.weight"]), ids])  # [S, B, D]
    lengths = graph.node("Cast", ["lengths"], to=TensorProto.INT32)
    last = ""
    for depth in range(shape.layers):
        layer = RecurrentLayer(graph, checked, f"encoder.layers.{depth}", shape.cell, "both")
        states, last = layer.append(values, lengths=lengths)
        values = joined(graph, states, 2, -1)  # [S, B, F]
    summary = joined_last(graph, last, -1)  # [B, F]
    graph.linear("start", summary, checked["start.weight"], checked["start.bias"], "start")
    graph.node("Transpose", [values], "memory", perm=[1, 0, 2])
    if shape.match:
        graph.output("match", FLOATS, ["batch", 2 * shape.match])
        real = graph.node("Unsqueeze", [_mask(graph, "ids"), graph.ints([2])])  # [B, S, 1]
        lowest = graph.weight("lowest", np.array(-np.inf, dtype=np.float32))
        largest = graph.node("ReduceMax", [graph.node("Where", [real, "memory", lowest])], axes=[1], keepdims=0)
        graph.linear("match", largest, checked["match.weight"], checked["match.bias"], "match")
    return serialise(graph)


def build_step(shape: Seq2SeqShape, weights: Weights) -> bytes:
    """Return step.onnx. weights: the network's state by name. Raises ExportError for values that are not finite."""
    checked, graph, features = finite(weights), GraphBuilder(), shape.decoder_width
    _declare_step(graph, shape)
    embedding = graph.weight("embedding.weight", checked["embedding.weight"])
    first = graph.node("Unsqueeze", [graph.node("Equal", ["pieces", graph.scalar(BEGIN)]), graph.ints([2])])
    begun = graph.node("Unsqueeze", ["start", graph.ints([1])])  # [B, 1, D]
    x = graph.node("Where", [first, begun, graph.node("Gather", [embedding, "pieces"])])  # [B, K, D]
    lower = _decoder_layer(graph, shape, checked, "lower", 0, x, shape.embedding)
    query = graph.node("MatMul", [lower, graph.weight("query.weight.T", checked["query.weight"].T)])
    scores = graph.node("MatMul", [query, graph.node("Transpose", ["memory"], perm=[0, 2, 1])])  # [B, K, S]
    real = graph.node("Unsqueeze", [_mask(graph, "memory"), graph.ints([1])])  # [B, 1, S]
    lowest = graph.weight("lowest", np.array(-np.inf, dtype=np.float32))
    graph.node("Softmax", [graph.node("Where", [real, scores, lowest])], "attention", axis=-1)
    context = graph.node("MatMul", ["attention", "memory"])  # [B, K, F]
    top = graph.node("Concat", [lower, context], axis=-1)
    for depth in range(shape.layers):
        top = _decoder_layer(graph, shape, checked, "upper", depth, top, features if depth else 2 * features)
    both = graph.node("Concat", [top, context], axis=-1)
    readout = graph.linear("readout", both, checked["readout.weight"], checked["readout.bias"])
    output = graph.weight("embedding.weight.T", checked["embedding.weight"].T)
    product = graph.node("MatMul", [graph.node("Tanh", [readout]), output])
    graph.node("Add", [product, graph.weight("bias", checked["bias"])], "logits")
    graph.nodes_of("TopK", ["logits", "most"], ["largest", "choices"], {"axis": -1})
    total = graph.node("ReduceLogSumExp", ["logits"], axes=[-1], keepdims=1)
    graph.node("Sub", ["largest", total], "scores")
    return serialise(graph)


def _declare_step(graph: GraphBuilder, shape: Seq2SeqShape) -> None:
    """Declare the inputs and outputs of step.onnx."""
    rows, features = ["batch", "candidates"], shape.decoder_width
    graph.input("pieces", INTEGERS, rows)
    graph.input("lengths", INTEGERS, ["batch"])
    graph.input("memory", FLOATS, ["batch", "time", features])
    graph.input("start", FLOATS, ["batch", shape.embedding])
    graph.input("most", INTEGERS, [1])
    graph.output("logits", FLOATS, [*rows, shape.vocabulary])
    graph.output("scores", FLOATS, [*rows, "most_choices"])
    graph.output("choices", INTEGERS, [*rows, "most_choices"])
    graph.output("attention", FLOATS, [*rows, "time"])
    for name in shape.states:
        graph.input(f"past.{name}", FLOATS, [*rows, features])
        graph.output(f"present.{name}", FLOATS, [*rows, features])


def _mask(graph: GraphBuilder, sequences: str) -> str:
    """Return [B, S] bool: which of the steps on the second axis lie within `lengths`."""
    steps = graph.node("Unsqueeze", [graph.steps(sequences), graph.ints([0])])
    return graph.node("Less", [steps, graph.node("Unsqueeze", ["lengths", graph.ints([1])])])


def _decoder_layer(
    graph: GraphBuilder,
    shape: Seq2SeqShape,
    weights: Mapping[str, FloatArray],
    stack: str,
    depth: int,
    x: str,
    inputs: int,
) -> str:
    """Append one step of one decoder layer for every candidate: x [B, K, inputs] -> [B, K, F]."""
    names, prefix = state_names(shape.cell, [f"{stack}.{depth}"]), f"{stack}.layers.{depth}"
    flat = graph.node("Reshape", [x, graph.ints([1, -1, inputs])])  # [1, B * K, inputs]
    before = [graph.node("Reshape", [f"past.{name}", graph.ints([1, -1, shape.decoder_width])]) for name in names]
    after = [f"{prefix}.{kind}" for kind in ("h", "c")[: len(names)]]  # each [1, B * K, F]
    layer = RecurrentLayer(graph, weights, prefix, shape.cell)
    layer.append(flat, initial=before, final=after, every_step=False)
    rows = graph.node("Concat", [graph.node("Shape", ["pieces"]), graph.ints([shape.decoder_width])], axis=0)
    for name, flattened in zip(names, after, strict=True):
        graph.node("Reshape", [flattened, rows], f"present.{name}")
    return f"present.{names[0]}"
