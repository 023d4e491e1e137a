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
    steps, lengths = _steps(graph, standard, shape)  # [S, B, stack * V]
    for depth in range(shape.layers):
        layer = RecurrentLayer(graph, checked, f"recurrent.layers.{depth}", shape.cell, shape.direction)
        states, _ = layer.append(steps, lengths=lengths)
        steps = joined(graph, states, shape.stack_of_layers.directions, shape.stack_of_layers.features)
    pooled = _pooled(graph, steps, lengths)
    name = "" if shape.dilations else "outputs"
    outputs = graph.linear("head", pooled, checked["head.weight"], checked["head.bias"], name)
    if shape.dilations:
        graph.node("Add", [outputs, _convolved(graph, standard, shape, checked)], "outputs")
    return serialise(graph, "recurra-series")


def _standardised(graph: GraphBuilder, weights: Mapping[str, FloatArray]) -> str:
    mean, deviation = (graph.weight(name, weights[name]) for name in ("mean", "deviation"))
    standard = graph.node("Div", [graph.node("Sub", ["frames", mean]), deviation])
    column = graph.node("Unsqueeze", ["lengths", graph.ints([1])])  # [B, 1]
    real = graph.node("Less", [graph.steps("frames"), column])  # [B, T]
    mask = graph.node("Unsqueeze", [real, graph.ints([2])])
    return graph.node("Where", [mask, standard, graph.weight("zero", np.array(0, dtype=np.float32))])


def _steps(graph: GraphBuilder, standard: str, shape: SeriesShape) -> tuple[str, str]:
    """Return the steps [S, B, stack * V] of frames [B, T, V] and how many each row has, [B] int32."""
    stack = graph.ints([shape.stack])
    shaped = graph.node("Reshape", [standard, graph.ints([0, -1, shape.inputs])])
    most = graph.node("Add", ["lengths", graph.ints([shape.stack - 1])])
    lengths = graph.node("Cast", [graph.node("Div", [most, stack])], to=TensorProto.INT32)
    return graph.node("Transpose", [shaped], perm=[1, 0, 2]), lengths


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


def _convolved(graph: GraphBuilder, standard: str, shape: SeriesShape, weights: Mapping[str, FloatArray]) -> str:
    """Return what the convolutions of frames [B, T, V] add to the outputs, [B, K]."""
    convolutions = RandomConvolutions.of(shape.dilations, weights)
    turned = graph.node("Transpose", [standard], perm=[0, 2, 1])  # [B, V, T]
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
