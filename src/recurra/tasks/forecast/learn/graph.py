"""A model that forecasts as an ONNX graph of standard operators; needs `onnx`, not torch.

inputs    frames [B, K, segment * channels] float32 and known [B, J, N] float32: see `windows.Window`
outputs   quantiles [B, H, 3] float32 of the error of the anchor, in units of its spread
"""

from __future__ import annotations

import numpy as np

from recurra.export.check import fitting
from recurra.export.graph_builder import FLOATS, FloatArray, GraphBuilder, Weights
from recurra.export.recurrent_layer import RecurrentLayer, joined
from recurra.export.serialise import serialise
from recurra.tasks.forecast.engines import NARROWEST, WIDEST
from recurra.tasks.forecast.shape import QUANTILES, ForecastShape, member_name


def build(shape: ForecastShape, weights: Weights) -> bytes:
    """Return the ONNX file of a model. weights: by the names of `shape.weight_shapes()`.

    Raises ExportError for weights that do not fit, are not finite, or exceed 2 GiB.
    """
    checked = fitting(weights, shape.weight_shapes())
    graph = GraphBuilder()
    graph.input("frames", FLOATS, ["batch", shape.segments, shape.inputs])
    graph.input("known", FLOATS, ["batch", shape.ahead, shape.known])
    graph.output("quantiles", FLOATS, ["batch", shape.horizon, QUANTILES])
    steps = graph.node("Transpose", ["frames"], perm=[1, 0, 2])  # [K, B, ..]
    total = _member(graph, shape, checked, 0, steps)
    for number in range(1, shape.members):
        total = graph.node("Add", [total, _member(graph, shape, checked, number, steps)])
    share = graph.weight("share", np.array(1 / shape.members, dtype=np.float32))
    graph.node("Mul", [total, share], "quantiles")
    return serialise(graph, "recurra-forecast")


def _member(graph: GraphBuilder, shape: ForecastShape, weights: dict[str, FloatArray], number: int, steps: str) -> str:
    """Return the quantiles [B, H, 3] of a member. steps: [K, B, ..]."""

    def named(name: str) -> str:
        return member_name(number, name)

    last = ""
    for depth in range(shape.layers):
        top = depth == shape.layers - 1
        layer = RecurrentLayer(graph, weights, named(f"recurrent.layers.{depth}"), shape.cell)
        states, last = layer.append(steps, every_step=not top)
        if not top:
            steps = joined(graph, states, 1, shape.hidden)
    state = graph.node("Transpose", [last], perm=[1, 0, 2])  # [B, 1, H']
    state = graph.linear(named("state"), state, weights[named("state.weight")], weights[named("state.bias")])
    known = graph.linear(named("known"), "known", weights[named("known.weight")], weights[named("position")])
    segments = graph.node("Tanh", [graph.node("Add", [state, known])])  # [B, J, H']
    answers = graph.linear(named("head"), segments, weights[named("head.weight")], weights[named("head.bias")])
    by_step = _by_step(graph, shape, answers)

    def part(place: int) -> str:
        """Return one of the three answers of each step, [B, H, 1]."""
        return graph.node("Slice", [by_step, graph.ints([place]), graph.ints([place + 1]), graph.ints([2])])

    bounds = [graph.weight(f"bound_{bound:g}", np.array(bound, dtype=np.float32)) for bound in (NARROWEST, WIDEST)]
    middle = part(1)
    below, above = (graph.node("Exp", [graph.node("Clip", [part(place), *bounds])]) for place in (0, 2))
    return graph.node(
        "Concat", [graph.node("Sub", [middle, below]), middle, graph.node("Add", [middle, above])], axis=2
    )


def _by_step(graph: GraphBuilder, shape: ForecastShape, answers: str) -> str:
    """Return answers for each segment [B, J, outputs] as those for each step [B, H, 3].

    No number in it is larger than the sizes of weights are: a graph with others is not opened.
    """
    flat, last = graph.ints([0, -1, QUANTILES]), shape.ahead - 1
    rest = shape.horizon - last * shape.segment
    if rest == shape.segment:
        return graph.node("Reshape", [answers, flat])
    starts, ends = graph.ints([last, 0]), graph.ints([shape.ahead, rest * QUANTILES])
    end = graph.node("Reshape", [graph.node("Slice", [answers, starts, ends, graph.ints([1, 2])]), flat])
    if last == 0:
        return end
    before = graph.node("Slice", [answers, graph.ints([0]), graph.ints([last]), graph.ints([1])])
    return graph.node("Concat", [graph.node("Reshape", [before, flat]), end], axis=1)
