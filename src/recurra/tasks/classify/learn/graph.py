"""The network as an ONNX graph of standard operators (LSTM, GRU, RNN with `sequence_lens`); needs `onnx`, not torch.

    inputs    ids [B, T] int64, right-padded with anything;  lengths [B] int64, 1 <= length <= T
    outputs   logits [B, outputs] float32, already divided by the temperature
              probabilities [B, K] float32; K = 2 for one output: [1 - p, p] with p = sigmoid(logit), else softmax

A network that reads forward has more, so that the same file reads a stream piece by piece (`runtime/stream.py`): for
each array of its state an input `past.NAME`, which may be left out and then is that of an empty stream, and an output
`present.NAME`, the state after each row's last step.

    past.LAYER.h, past.LAYER.c   [1, B, H] float32: the states of a layer, c for the LSTM alone
    past.sum, past.count         [1, B, H] float64, [B] int64: pooling by the mean
    past.largest                 [1, B, H] float32: pooling by the largest
    past.top, past.mass, past.weighted   [B, 1] float32, [B, 1] and [B, H] float64: attention, the largest score so far,
                                 the sum of exp(score - top), and that of exp(score - top) h

Sums are kept in double precision: a million single-precision additions would lose what a late word adds.

Padding never changes an answer: what stands after a row's length is replaced before the embedding, masked before the
pooling, and never read by the recurrence. Inside, time comes first: [T, B, ...], the layout of the operators.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper

from recurra.errors import ExportError
from recurra.export.graph_builder import FloatArray, GraphParts
from recurra.export.recurrent_layer import GATE_ORDER, IR_VERSION, MAX_BYTES, OPERATORS, OPSET, Weights
from recurra.tasks.classify.learn.graph_pooling import joined, pooled
from recurra.tasks.classify.shape import NetworkShape


def build(network: NetworkShape, weights: Weights, temperature: float = 1.0) -> bytes:
    """Return the ONNX file of a network.

    weights: every name of `network.weight_shapes()`, in torch's layout and gate order, and no other.
    temperature: positive; the logits are divided by it.
    Raises ExportError for weights that do not fit the network, that are not finite, or that exceed 2 GiB.
    """
    checked = _checked(network, weights)
    if not (np.isfinite(temperature) and temperature > 0):
        raise ExportError(f"The temperature must be a positive number; it is {temperature!r}.")
    graph = GraphParts()
    ids = graph.node("Transpose", ["ids"], perm=[1, 0])  # [T, B]
    steps = graph.node("Squeeze", [graph.node("Shape", ["ids"], start=1, end=2), graph.ints([0])])
    time = graph.node("Range", [graph.scalar(0), steps, graph.scalar(1)])  # [T]
    real = graph.node(  # [T, B], true within a row's length
        "Less",
        [graph.node("Unsqueeze", [time, graph.ints([1])]), graph.node("Unsqueeze", ["lengths", graph.ints([0])])],
    )
    ids = graph.node("Where", [real, ids, graph.scalar(0)])
    values = graph.node("Gather", [graph.weight("embedding.weight", checked["embedding.weight"]), ids])  # [T, B, D]
    lengths = graph.node("Cast", ["lengths"], to=TensorProto.INT32)
    states, last = values, ""
    for layer in range(network.layers):
        states, last = _recurrent(graph, network, checked, layer, values, lengths)
        if layer + 1 < network.layers:
            values = joined(graph, network, states)
    summary = pooled(graph, network, checked, states, last, real)
    _head(graph, network, checked, summary, float(temperature))
    return _serialise(graph, network)


def _checked(network: NetworkShape, weights: Weights) -> dict[str, FloatArray]:
    """Return the weights as float32; refuse missing, unknown, misshapen and non-finite ones."""
    shapes = network.weight_shapes()
    missing, unknown = sorted(shapes.keys() - weights.keys()), sorted(weights.keys() - shapes.keys())
    if missing or unknown:
        raise ExportError(
            f"The weights do not fit the network: missing {missing or 'none'}, not of this network {unknown or 'none'}."
        )
    checked = {}
    for name, shape in shapes.items():
        array = np.asarray(weights[name])
        if array.shape != shape:
            raise ExportError(f"The weight {name} has shape {array.shape}; the network needs {shape}.")
        with np.errstate(over="ignore"):
            checked[name] = array.astype(np.float32)
        if not np.isfinite(checked[name]).all():
            raise ExportError(f"The weight {name} holds values that are not finite; such a network cannot answer.")
    return checked


def _recurrent(
    graph: GraphParts, network: NetworkShape, weights: Mapping[str, FloatArray], layer: int, values: str, lengths: str
) -> tuple[str, str]:
    """Append one layer over values [T, B, in]; return its states [T, directions, B, H] and last [directions, B, H]."""
    order = GATE_ORDER[network.cell]

    def stacked(kind: str) -> FloatArray:
        parts = []
        for name in network.direction_names:
            blocks = np.split(weights[f"recurrent.layers.{layer}.{name}.{kind}"], network.gates)
            parts.append(np.concatenate([blocks[index] for index in order]))
        return np.stack(parts)  # [directions, G*H, ...]

    prefix = f"recurrent.layers.{layer}"
    inputs = [
        values,
        graph.weight(f"{prefix}.W", stacked("weight_ih")),
        graph.weight(f"{prefix}.R", stacked("weight_hh")),
        graph.weight(f"{prefix}.B", np.concatenate([stacked("bias_ih"), stacked("bias_hh")], axis=1)),
        lengths,
    ]
    attributes: dict[str, Any] = {
        "hidden_size": network.hidden,
        "direction": "bidirectional" if network.direction == "both" else "forward",
    }
    if network.cell == "gru":
        attributes["linear_before_reset"] = 1  # torch's: the reset gate acts after the product and its bias
    states, last = f"{prefix}.states", f"{prefix}.last"
    outputs = [states, last]
    if network.direction == "forward":
        last = f"present.{layer}.h"
        outputs = [states, last, f"present.{layer}.c"][: 3 if network.cell == "lstm" else 2]
        inputs += [_initial(graph, network, name.removeprefix("present.")) for name in outputs[1:]]
    graph.nodes_of(OPERATORS[network.cell], inputs, outputs, attributes)
    return states, last


def _initial(graph: GraphParts, network: NetworkShape, name: str) -> str:
    """The state [1, B, H] with which a layer begins: that of the caller, or zero for every row."""
    past = graph.past(name, np.zeros((1, 1, network.hidden), dtype=np.float32), rows=1)
    rows = graph.node("Shape", ["lengths"])
    return graph.node("Expand", [past, graph.node("Concat", [graph.ints([1]), rows, graph.ints([1])], axis=0)])


def _head(
    graph: GraphParts, network: NetworkShape, weights: Mapping[str, FloatArray], pooled: str, temperature: float
) -> None:
    """Append the linear head, the temperature and the probabilities: [B, F] -> [B, outputs], [B, K]."""
    weight = graph.weight("head.weight", weights["head.weight"])
    raw = graph.node("Gemm", [pooled, weight, graph.weight("head.bias", weights["head.bias"])], transB=1)
    graph.node("Div", [raw, graph.weight("temperature", np.array(temperature, dtype=np.float32))], "logits")
    # softmax([0, x]) is [1 - sigmoid(x), sigmoid(x)] without the cancellation of 1 - p
    scores = graph.node("Pad", ["logits", graph.ints([0, 1, 0, 0])]) if network.outputs == 1 else "logits"
    graph.node("Softmax", [scores], "probabilities", axis=1)


def _serialise(graph: GraphParts, network: NetworkShape) -> bytes:
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "recurra",
            [
                helper.make_tensor_value_info("ids", TensorProto.INT64, ["batch", "time"]),
                helper.make_tensor_value_info("lengths", TensorProto.INT64, ["batch"]),
                *graph.inputs,
            ],
            [
                helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", network.outputs]),
                helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["batch", network.classes]),
                *graph.outputs,
            ],
            list(graph.initializers.values()),
        ),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="recurra",
    )
    size = model.ByteSize()
    if size > MAX_BYTES:
        raise ExportError(
            f"The graph takes {size:,} bytes and one ONNX file holds at most {MAX_BYTES:,}: "
            "train with a smaller --vocabulary, --embedding or --hidden."
        )
    content: bytes = model.SerializeToString(deterministic=True)
    onnx.checker.check_model(content, full_check=True)
    return content
