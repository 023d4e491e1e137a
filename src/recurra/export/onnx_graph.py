"""The network as an ONNX graph of standard operators (LSTM, GRU, RNN with `sequence_lens`); needs `onnx`, not torch.

    inputs    ids [B, T] int64, right-padded with anything;  lengths [B] int64, 1 <= length <= T
    outputs   logits [B, outputs] float32, already divided by the temperature
              probabilities [B, K] float32; K = 2 for one output: [1 - p, p] with p = sigmoid(logit), else softmax

Padding never changes an answer: what stands after a row's length is replaced before the embedding, masked before the
pooling, and never read by the recurrence. Inside, time comes first: [T, B, ...], the layout of the operators.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from recurra.errors import ExportError
from recurra.network_shape import NetworkShape

OPSET = 17
IR_VERSION = 8
"""Both as low as the operators allow, so that any onnxruntime since 1.12 reads the file."""

MAX_BYTES = 2**31 - 1
LOWEST = np.float32(np.finfo(np.float32).min)

GATE_ORDER: dict[str, tuple[int, ...]] = {"rnn": (0,), "gru": (1, 0, 2), "lstm": (0, 3, 1, 2)}
"""ONNX's blocks as indices of torch's: GRU z, r, h of r, z, n; LSTM i, o, f, c of i, f, g, o."""

OPERATORS: dict[str, str] = {"rnn": "RNN", "gru": "GRU", "lstm": "LSTM"}

FloatArray = npt.NDArray[np.float32]
Weights = Mapping[str, npt.NDArray[np.floating]]


def build(network: NetworkShape, weights: Weights, temperature: float = 1.0) -> bytes:
    """Return the ONNX file of a network.

    weights: every name of `network.weight_shapes()`, in torch's layout and gate order, and no other.
    temperature: positive; the logits are divided by it.
    Raises ExportError for weights that do not fit the network, that are not finite, or that exceed 2 GiB.
    """
    checked = _checked(network, weights)
    if not (np.isfinite(temperature) and temperature > 0):
        raise ExportError(f"The temperature must be a positive number; it is {temperature!r}.")
    graph = _Graph()
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
            values = _joined(graph, network, states)
    pooled = _pooled(graph, network, checked, states, last, real)
    _head(graph, network, checked, pooled, float(temperature))
    return _serialise(graph, network)


class _Graph:
    """Collects nodes and constants; every value gets a name of its own."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.initializers: dict[str, onnx.TensorProto] = {}

    def nodes_of(
        self, operator: str, inputs: Sequence[str], names: Sequence[str], attributes: Mapping[str, Any]
    ) -> None:
        self.nodes.append(helper.make_node(operator, inputs, names, name=f"{operator}_{len(self.nodes)}", **attributes))

    def node(self, operator: str, inputs: Sequence[str], output: str = "", **attributes: Any) -> str:
        """Append an operator with one output; return that output's name."""
        name = output or f"{operator.lower()}_{len(self.nodes)}"
        self.nodes_of(operator, inputs, [name], attributes)
        return name

    def weight(self, name: str, array: npt.NDArray[np.generic]) -> str:
        """Keep a constant under a name; return the name."""
        self.initializers[name] = numpy_helper.from_array(np.ascontiguousarray(array), name)
        return name

    def ints(self, numbers: Sequence[int]) -> str:
        """A constant int64 vector."""
        return self.weight("ints_" + "_".join(map(str, numbers)), np.array(numbers, dtype=np.int64))

    def scalar(self, number: int) -> str:
        """A constant int64 scalar."""
        return self.weight(f"int_{number}", np.array(number, dtype=np.int64))


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
    graph: _Graph, network: NetworkShape, weights: Mapping[str, FloatArray], layer: int, values: str, lengths: str
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
    graph.nodes_of(OPERATORS[network.cell], inputs, [states, last], attributes)
    return states, last


def _joined(graph: _Graph, network: NetworkShape, states: str) -> str:
    """[T, directions, B, H] -> [T, B, F]."""
    if network.directions == 1:
        return graph.node("Squeeze", [states, graph.ints([1])])
    turned = graph.node("Transpose", [states], perm=[0, 2, 1, 3])  # [T, B, directions, H]
    return graph.node("Reshape", [turned, graph.ints([0, 0, network.features])])


def _pooled(
    graph: _Graph, network: NetworkShape, weights: Mapping[str, FloatArray], states: str, last: str, real: str
) -> str:
    """Pool the top layer over time: states [T, directions, B, H], last [directions, B, H], real [T, B] -> [B, F]."""
    if network.pooling == "last":
        pooled = last
    elif network.pooling == "attention":
        return _attention(graph, network, weights, states, real)
    else:
        mask = graph.node("Unsqueeze", [real, graph.ints([1, 3])])  # [T, 1, B, 1]
        if network.pooling == "max":
            filled = graph.node("Where", [mask, states, graph.weight("lowest", np.array(LOWEST))])
            pooled = graph.node("ReduceMax", [filled], axes=[0], keepdims=0)
        else:
            filled = graph.node("Where", [mask, states, graph.weight("zero", np.array(0, dtype=np.float32))])
            total = graph.node("ReduceSum", [filled, graph.ints([0])], keepdims=0)  # [directions, B, H]
            count = graph.node("Cast", ["lengths"], to=TensorProto.FLOAT)
            pooled = graph.node("Div", [total, graph.node("Unsqueeze", [count, graph.ints([0, 2])])])
    turned = graph.node("Transpose", [pooled], perm=[1, 0, 2])  # [B, directions, H]
    return graph.node("Reshape", [turned, graph.ints([0, network.features])])


def _attention(graph: _Graph, network: NetworkShape, weights: Mapping[str, FloatArray], states: str, real: str) -> str:
    """Sum over t of softmax_t(score . tanh(projection h_t)) h_t: states [T, directions, B, H] -> [B, F]."""
    mask = graph.node("Unsqueeze", [real, graph.ints([2])])  # [T, B, 1]
    zero = graph.weight("zero", np.array(0, dtype=np.float32))
    joined = graph.node("Where", [mask, _joined(graph, network, states), zero])  # [T, B, F]
    projection = graph.weight("pooling.projection.weight.T", weights["pooling.projection.weight"].T)
    bias = graph.weight("pooling.projection.bias", weights["pooling.projection.bias"])
    projected = graph.node("Tanh", [graph.node("Add", [graph.node("MatMul", [joined, projection]), bias])])
    scores = graph.node(
        "MatMul", [projected, graph.weight("pooling.score.weight.T", weights["pooling.score.weight"].T)]
    )
    scores = graph.node("Where", [mask, scores, graph.weight("lowest", np.array(LOWEST))])  # [T, B, 1]
    shares = graph.node("Softmax", [scores], axis=0)
    return graph.node("ReduceSum", [graph.node("Mul", [joined, shares]), graph.ints([0])], keepdims=0)


def _head(
    graph: _Graph, network: NetworkShape, weights: Mapping[str, FloatArray], pooled: str, temperature: float
) -> None:
    """Append the linear head, the temperature and the probabilities: [B, F] -> [B, outputs], [B, K]."""
    weight = graph.weight("head.weight", weights["head.weight"])
    raw = graph.node("Gemm", [pooled, weight, graph.weight("head.bias", weights["head.bias"])], transB=1)
    graph.node("Div", [raw, graph.weight("temperature", np.array(temperature, dtype=np.float32))], "logits")
    # softmax([0, x]) is [1 - sigmoid(x), sigmoid(x)] without the cancellation of 1 - p
    scores = graph.node("Pad", ["logits", graph.ints([0, 1, 0, 0])]) if network.outputs == 1 else "logits"
    graph.node("Softmax", [scores], "probabilities", axis=1)


def _serialise(graph: _Graph, network: NetworkShape) -> bytes:
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "recurra",
            [
                helper.make_tensor_value_info("ids", TensorProto.INT64, ["batch", "time"]),
                helper.make_tensor_value_info("lengths", TensorProto.INT64, ["batch"]),
            ],
            [
                helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", network.outputs]),
                helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["batch", network.classes]),
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
