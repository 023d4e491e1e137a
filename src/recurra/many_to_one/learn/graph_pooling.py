"""Pooling over time as nodes of an ONNX graph; of a stream, over everything read so far.

A network that reads forward keeps what its pooling needs of the past in a state (`GraphBuilder.optional_state`), so
that the same nodes pool a whole text and the next piece of a stream.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from onnx import TensorProto

from recurra.export.graph_builder import FloatArray, GraphBuilder
from recurra.export.recurrent_layer import joined, joined_last
from recurra.many_to_one.shape import ManyToOneShape

LOWEST = np.float32(np.finfo(np.float32).min)


def pooled(
    graph: GraphBuilder,
    network: ManyToOneShape,
    weights: Mapping[str, FloatArray],
    prefix: str,
    states: str,
    last: str,
    real: str,
) -> str:
    """Pool the top layer over time: states [T, directions, B, H], last [directions, B, H], real [T, B] -> [B, P].

    prefix: what the names of the weights and of the state begin with.
    """
    if network.pooling == "attention":
        return _attention(graph, network, weights, prefix, states, real)
    if network.pooling == "last":
        summaries = [last]
    else:
        mask = graph.node("Unsqueeze", [real, graph.ints([1, 3])])  # [T, 1, B, 1]
        pools = {"mean": (_mean,), "max": (_largest,), "max-mean": (_largest, _mean)}[network.pooling]
        summaries = [pool(graph, network, prefix, states, mask) for pool in pools]
    rows = [joined_last(graph, summary, network.features) for summary in summaries]
    return rows[0] if len(rows) == 1 else graph.node("Concat", rows, axis=1)


def _largest(graph: GraphBuilder, network: ManyToOneShape, prefix: str, states: str, mask: str) -> str:
    """states [T, directions, B, H], mask [T, 1, B, 1] -> [directions, B, H]."""
    filled = graph.node("Where", [mask, states, graph.weight("lowest", np.array(LOWEST))])
    here = graph.node("ReduceMax", [filled], axes=[0], keepdims=0)
    if network.direction == "both":
        return here
    past = graph.optional_state(f"{prefix}largest", np.full((1, 1, network.hidden), LOWEST, dtype=np.float32), rows=1)
    return graph.node("Max", [past, here], f"present.{prefix}largest")


def _mean(graph: GraphBuilder, network: ManyToOneShape, prefix: str, states: str, mask: str) -> str:
    """states [T, directions, B, H], mask [T, 1, B, 1] -> [directions, B, H]."""
    filled = graph.node("Where", [mask, states, graph.weight("zero", np.array(0, dtype=np.float32))])
    here = graph.node("ReduceSum", [filled, graph.ints([0])], keepdims=0)  # [directions, B, H]
    if network.direction == "both":
        count = graph.node("Cast", ["lengths"], to=TensorProto.FLOAT)
        return graph.node("Div", [here, graph.node("Unsqueeze", [count, graph.ints([0, 2])])])
    past = graph.optional_state(f"{prefix}sum", np.zeros((1, 1, network.hidden)), rows=1)
    total = graph.node("Add", [past, graph.double(here)], f"present.{prefix}sum")
    before = graph.optional_state(f"{prefix}count", np.zeros(1, dtype=np.int64), rows=0)
    steps = graph.node("Add", [before, "lengths"], f"present.{prefix}count")
    count = graph.node("Unsqueeze", [graph.double(steps), graph.ints([0, 2])])
    return graph.single(graph.node("Div", [total, count]))


def _attention(
    graph: GraphBuilder,
    network: ManyToOneShape,
    weights: Mapping[str, FloatArray],
    prefix: str,
    states: str,
    real: str,
) -> str:
    """Sum over t of softmax_t(score . tanh(projection h_t)) h_t: states [T, directions, B, H] -> [B, F]."""
    mask = graph.node("Unsqueeze", [real, graph.ints([2])])  # [T, B, 1]
    zero = graph.weight("zero", np.array(0, dtype=np.float32))
    values = graph.node("Where", [mask, joined(graph, states, network.directions, network.features), zero])  # [T, B, F]
    projection, bias = (weights[f"{prefix}pooling.projection.{part}"] for part in ("weight", "bias"))
    projected = graph.node("Tanh", [graph.linear(f"{prefix}pooling.projection", values, projection, bias)])
    scores = graph.node(
        "MatMul",
        [projected, graph.weight(f"{prefix}pooling.score.weight.T", weights[f"{prefix}pooling.score.weight"].T)],
    )
    scores = graph.node("Where", [mask, scores, graph.weight("lowest", np.array(LOWEST))])  # [T, B, 1]
    if network.direction == "forward":
        return _running_softmax(graph, network, prefix, values, scores)
    shares = graph.node("Softmax", [scores], axis=0)
    return graph.node("ReduceSum", [graph.node("Mul", [values, shares]), graph.ints([0])], keepdims=0)


def _running_softmax(graph: GraphBuilder, network: ManyToOneShape, prefix: str, values: str, scores: str) -> str:
    """The mean of values [T, B, F], of this piece and those before it, weighted by exp(scores [T, B, 1]) -> [B, F].

    Sums are of exp(score - top), and are rescaled where a larger score becomes the top. Source: Milakov and
    Gimelshein, 2018, Online normalizer calculation for softmax.
    """
    here = graph.node("ReduceMax", [scores], axes=[0], keepdims=0)  # [B, 1]
    before = graph.optional_state(f"{prefix}top", np.full((1, 1), LOWEST, dtype=np.float32), rows=0)
    top = graph.node("Max", [before, here], f"present.{prefix}top")
    faded = graph.double(graph.node("Exp", [graph.node("Sub", [before, top])]))  # [B, 1]
    shares = graph.node("Exp", [graph.node("Sub", [scores, top])])  # [T, B, 1]
    sums = []
    for name, width, terms in (
        ("mass", 1, shares),
        ("weighted", network.features, graph.node("Mul", [values, shares])),
    ):
        kept = graph.node("Mul", [graph.optional_state(f"{prefix}{name}", np.zeros((1, width)), rows=0), faded])
        added = graph.double(graph.node("ReduceSum", [terms, graph.ints([0])], keepdims=0))
        sums.append(graph.node("Add", [kept, added], f"present.{prefix}{name}"))
    mass, weighted = sums
    return graph.single(graph.node("Div", [weighted, mass]))
