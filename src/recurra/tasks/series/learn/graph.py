"""A model of series as an ONNX graph of standard operators; needs `onnx`, not torch.

inputs    frames [B, T, V] float32, as `inputs.SeriesInputs` makes them; lengths [B] int64, the frames of each row
outputs   outputs [B, K] float32: logits of the labels, or one number
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from onnx import TensorProto

from recurra.export.check import fitting
from recurra.export.graph_builder import FLOATS, INTEGERS, FloatArray, GraphBuilder, Weights
from recurra.export.recurrent_layer import RecurrentLayer, joined
from recurra.export.serialise import serialise
from recurra.tasks.series.convolutions import LENGTH, RandomConvolutions
from recurra.tasks.series.shape import SeriesShape

LOWEST = np.float32(np.finfo(np.float32).min)


def build(shape: SeriesShape, weights: Weights) -> bytes:
    """Return the ONNX file of a model of series. weights: by the names of `shape.weight_shapes()`.

    Raises ExportError for weights that do not fit, are not finite, or exceed 2 GiB.
    """
    checked = fitting(weights, shape.weight_shapes())
    graph = GraphBuilder()
    graph.input("frames", FLOATS, ["batch", "time", shape.values])
    graph.input("lengths", INTEGERS, ["batch"])
    graph.output("outputs", FLOATS, ["batch", shape.outputs])
    standard = _standardised(graph, checked)  # [B, T, V], 0 in the padding
    turned = graph.node("Transpose", [standard], perm=[0, 2, 1])  # [B, V, T]
    steps, lengths, beside = _front(graph, turned, shape, checked)
    for depth in range(shape.layers):
        layer = RecurrentLayer(graph, checked, f"recurrent.layers.{depth}", shape.cell, shape.direction)
        states, _ = layer.append(steps, lengths=lengths)
        steps = joined(graph, states, shape.recurrent.directions, shape.recurrent.features)
    pooled = graph.node("Concat", [_pooled(graph, steps, lengths), beside], axis=1)
    name = "" if shape.dilations else "outputs"
    outputs = graph.linear("head", pooled, checked["head.weight"], checked["head.bias"], name)
    if shape.dilations:
        graph.node("Add", [outputs, _convolved(graph, turned, shape, checked)], "outputs")
    return serialise(graph, "recurra-series")


def _standardised(graph: GraphBuilder, weights: Mapping[str, FloatArray]) -> str:
    mean, deviation = (graph.weight(name, weights[name]) for name in ("mean", "deviation"))
    standard = graph.node("Div", [graph.node("Sub", ["frames", mean]), deviation])
    column = graph.node("Unsqueeze", ["lengths", graph.ints([1])])  # [B, 1]
    real = graph.node("Less", [graph.steps("frames"), column])  # [B, T]
    mask = graph.node("Unsqueeze", [real, graph.ints([2])])
    return graph.node("Where", [mask, standard, graph.weight("zero", np.array(0, dtype=np.float32))])


def _front(graph: GraphBuilder, x: str, shape: SeriesShape, weights: Mapping[str, FloatArray]) -> tuple[str, str, str]:
    """Return what the convolutions make of frames [B, V, T], T a multiple of `shape.step`.

    That is the steps [S, B, D] for the recurrent layers, how many each row has, [B] int32, and [B, 2 * D], the largest
    and the mean output.
    """
    zero, lengths = graph.weight("zero", np.array(0, dtype=np.float32)), "lengths"
    for number, (width, _, stride) in enumerate(shape.front):
        names = (f"front.{number}.weight", f"front.{number}.bias")
        x = graph.node(
            "Conv",
            [x, *(graph.weight(name, weights[name]) for name in names)],
            kernel_shape=[width],
            pads=[width // 2, width // 2],
            strides=[stride],
        )
        lengths = _shortened(graph, lengths, stride)
        size = graph.node("Squeeze", [graph.node("Shape", [x], start=2, end=3), graph.ints([0])])
        numbers = graph.node("Range", [graph.scalar(0), size, graph.scalar(1)])
        real = graph.node("Less", [numbers, graph.node("Unsqueeze", [lengths, graph.ints([1])])])  # [B, T]
        mask = graph.node("Unsqueeze", [real, graph.ints([1])])
        x = graph.node("Where", [mask, graph.node("Max", [x, zero]), zero])  # [B, D, T]
    divisor = graph.node("Unsqueeze", [graph.node("Cast", [lengths], to=TensorProto.FLOAT), graph.ints([1])])
    mean = graph.node("Div", [graph.node("ReduceSum", [x, graph.ints([2])], keepdims=0), divisor])
    largest = graph.node("ReduceMax", [x], axes=[2], keepdims=0)
    pools = graph.node("Reshape", [x, graph.ints([0, shape.inputs, -1, shape.pool])])
    steps = graph.node("Transpose", [graph.node("ReduceMax", [pools], axes=[3], keepdims=0)], perm=[2, 0, 1])
    counts = graph.node("Cast", [_shortened(graph, lengths, shape.pool)], to=TensorProto.INT32)
    return steps, counts, graph.node("Concat", [largest, mean], axis=1)


def _shortened(graph: GraphBuilder, lengths: str, factor: int) -> str:
    """Return lengths [B] divided by a factor and rounded up."""
    if factor == 1:
        return lengths
    most = graph.node("Add", [lengths, graph.ints([factor - 1])])
    return graph.node("Div", [most, graph.ints([factor])])


def _pooled(graph: GraphBuilder, states: str, lengths: str) -> str:
    """Return the largest and the mean of states [S, B, F] over the real steps, [B, 2F]."""
    size = graph.node("Squeeze", [graph.node("Shape", [states], start=0, end=1), graph.ints([0])])
    numbers = graph.node("Range", [graph.scalar(0), size, graph.scalar(1)])
    column = graph.node("Unsqueeze", [numbers, graph.ints([1])])  # [S, 1]
    counts = graph.node("Cast", [lengths], to=TensorProto.INT64)
    mask = graph.node("Unsqueeze", [graph.node("Less", [column, counts]), graph.ints([2])])  # [S, B, 1]
    low = graph.node("Where", [mask, states, graph.weight("lowest", np.array(LOWEST))])
    largest = graph.node("ReduceMax", [low], axes=[0], keepdims=0)
    kept = graph.node("Where", [mask, states, graph.weight("zero", np.array(0, dtype=np.float32))])
    total = graph.node("ReduceSum", [kept, graph.ints([0])], keepdims=0)
    divisor = graph.node("Unsqueeze", [graph.node("Cast", [lengths], to=TensorProto.FLOAT), graph.ints([1])])
    return graph.node("Concat", [largest, graph.node("Div", [total, divisor])], axis=1)


def _convolved(graph: GraphBuilder, turned: str, shape: SeriesShape, weights: Mapping[str, FloatArray]) -> str:
    """Return what the random convolutions of frames [B, V, T] add to the outputs, [B, K]."""
    convolutions = RandomConvolutions.of(shape.dilations, weights)
    column = graph.node("Unsqueeze", ["lengths", graph.ints([1])])
    real = graph.node("Cast", [graph.node("Less", [graph.steps("frames"), column])], to=TensorProto.FLOAT)
    mask = graph.node("Unsqueeze", [real, graph.ints([1, 2])])  # [B, 1, 1, T]
    divisor = graph.node(
        "Unsqueeze", [graph.node("Cast", ["lengths"], to=TensorProto.FLOAT), graph.ints([1, 2])]
    )  # [B, 1, 1]
    bounds = [graph.weight(f"bound_{bound}", np.array(bound, dtype=np.float32)) for bound in (0, 1)]
    found = []
    for place, dilation in enumerate(shape.dilations):
        widths = convolutions.widths[place]
        kernels = convolutions.weights[place] / widths[:, None, None]
        offsets = np.float32(0.5) - convolutions.biases[place] / widths[:, None]
        reach = LENGTH // 2 * dilation
        outputs = graph.node(
            "Conv",
            [turned, graph.weight(f"convolution_{place}", kernels)],
            dilations=[dilation],
            pads=[reach, reach],
            kernel_shape=[LENGTH],
        )  # [B, 84, T]
        lifted = graph.node(
            "Add",
            [
                graph.node("Unsqueeze", [outputs, graph.ints([2])]),
                graph.weight(f"offsets_{place}", offsets[:, :, None].astype(np.float32)),
            ],
        )  # [B, 84, F, T]
        counted = graph.node("Mul", [graph.node("Clip", [lifted, *bounds]), mask])
        total = graph.node("ReduceSum", [counted, graph.ints([3])], keepdims=0)
        found.append(graph.node("Reshape", [graph.node("Div", [total, divisor]), graph.ints([0, -1])]))
    features = found[0] if len(found) == 1 else graph.node("Concat", found, axis=1)
    weight = graph.weight("convolutions.weight.T", weights["convolutions.weight"].T)
    return graph.node("MatMul", [features, weight])
