"""A writing model's network as an ONNX graph of standard operators; needs `onnx`, not torch.

    inputs    ids [B, T] int64
              past.LAYER.h, past.LAYER.c   [1, B, H] float32: the states of a layer, c for the LSTM alone; first zeros
    outputs   logits [B, T, V] float32, each for the symbol after
              present.LAYER.h, present.LAYER.c   the states after the last step

One graph serves both uses: a long text is scored with large T, and one is written with T = 1. There is no padding: rows
that read on from their states have the same number of symbols.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import torch
from onnx import TensorProto, helper

from recurra.errors import ExportError
from recurra.export.graph_builder import FloatArray, GraphParts
from recurra.export.recurrent_layer import GATE_ORDER, IR_VERSION, MAX_BYTES, OPERATORS, OPSET, Weights
from recurra.kernel.layout import GATES
from recurra.tasks.generate.learn.network import LanguageNetwork
from recurra.tasks.generate.session import LanguageSession
from recurra.tasks.generate.shape import LanguageShape

TOLERANCE = 1e-4
ROWS, STEPS = 3, 21
"""Random symbols on which graph and network are compared."""


def checked_graph(network: LanguageNetwork, *, seed: int = 0) -> tuple[bytes, dict[str, npt.NDArray[np.float32]]]:
    """Return (ONNX bytes, weights by name) of `network`, whose answers agree to 1e-4 on random symbols.

    Compared are a whole reading and one in which the states are handed on halfway. Raises ExportError where they do
    not agree.
    """
    weights = {name: tensor.detach().float().cpu().numpy() for name, tensor in network.weights().items()}
    graph = build(network.shape, weights)
    rng = np.random.default_rng(seed)
    ids = rng.integers(0, network.shape.vocabulary, (ROWS, STEPS))
    network.eval()
    with torch.inference_mode():
        expected = network.read(torch.from_numpy(ids).t())[0].transpose(0, 1).numpy()  # [B, T, V]
    session = LanguageSession(graph)
    half = STEPS // 2
    first, states = session.run(ids[:, :half], session.empty(ROWS))
    second, _ = session.run(ids[:, half:], states)
    logits = np.concatenate([first, second], axis=1)
    difference = float(np.max(np.abs(logits - expected) / np.maximum(1, np.abs(expected))))
    if not difference <= TOLERANCE:  # also where it is not a number
        raise ExportError(
            f"The exported graph answers differently from the trained network: by {difference:.2g}, where at most "
            f"{TOLERANCE:g} is accepted. Nothing was written. Please report this with the versions in use."
        )
    return graph, weights


def build(shape: LanguageShape, weights: Weights) -> bytes:
    """Return the ONNX file of a network.

    weights: every name of `shape.weight_shapes()`, in torch's layout and gate order, and no other.
    Raises ExportError for weights that do not fit the network, that are not finite, or that exceed 2 GiB.
    """
    checked = _checked(shape, weights)
    graph = GraphParts()
    embedding = graph.weight("embedding.weight", checked["embedding.weight"])
    ids = graph.node("Transpose", ["ids"], perm=[1, 0])  # [T, B]
    values = graph.node("Gather", [embedding, ids])  # [T, B, D]
    for layer in range(shape.layers):
        values = _recurrent(graph, shape, checked, layer, values)
    values = graph.node("Transpose", [values], perm=[1, 0, 2])  # [B, T, H]
    if shape.tied:
        values = _linear(graph, values, "projection", checked["projection.weight"], checked["projection.bias"])
    head = checked["embedding.weight"] if shape.tied else checked["head.weight"]
    _linear(graph, values, "head", head, checked["head.bias"], "logits")
    return _serialise(graph, shape)


def _recurrent(graph: GraphParts, shape: LanguageShape, weights: dict[str, FloatArray], layer: int, values: str) -> str:
    """Append one layer over values [T, B, in]; return its outputs [T, B, H]."""
    prefix = f"recurrent.layers.{layer}"

    def ordered(kind: str) -> FloatArray:
        blocks = np.split(weights[f"{prefix}.left_to_right.{kind}"], GATES[shape.cell])
        return np.concatenate([blocks[index] for index in GATE_ORDER[shape.cell]])[None]  # [1, G*H, ...]

    names = [name for name in shape.states if name.startswith(f"{layer}.")]
    attributes: dict[str, Any] = {"hidden_size": shape.hidden}
    if shape.cell == "gru":
        attributes["linear_before_reset"] = 1  # torch's: the reset gate acts after the product and its bias
    graph.nodes_of(
        OPERATORS[shape.cell],
        [
            values,
            graph.weight(f"{prefix}.W", ordered("weight_ih")),
            graph.weight(f"{prefix}.R", ordered("weight_hh")),
            graph.weight(f"{prefix}.B", np.concatenate([ordered("bias_ih"), ordered("bias_hh")], axis=1)),
            "",
            *(f"past.{name}" for name in names),
        ],
        [f"{prefix}.outputs", *(f"present.{name}" for name in names)],
        attributes,
    )
    return graph.node("Squeeze", [f"{prefix}.outputs", graph.ints([1])])  # one direction


def _linear(graph: GraphParts, values: str, name: str, weight: FloatArray, bias: FloatArray, output: str = "") -> str:
    """Append values [..., in] @ weight.T + bias; return its name. weight: [out, in]."""
    product = graph.node("MatMul", [values, graph.weight(f"{name}.weight.T", weight.T)])
    return graph.node("Add", [product, graph.weight(f"{name}.bias", bias)], output)


def _checked(shape: LanguageShape, weights: Weights) -> dict[str, FloatArray]:
    """Return the weights as float32; refuse missing, unknown, misshapen and non-finite ones."""
    shapes = shape.weight_shapes()
    missing, unknown = sorted(shapes.keys() - weights.keys()), sorted(weights.keys() - shapes.keys())
    if missing or unknown:
        raise ExportError(
            f"The weights do not fit the network: missing {missing or 'none'}, not of this network {unknown or 'none'}."
        )
    checked = {}
    for name, expected in shapes.items():
        array = np.asarray(weights[name])
        if array.shape != expected:
            raise ExportError(f"The weight {name} has shape {array.shape}; the network needs {expected}.")
        with np.errstate(over="ignore"):
            checked[name] = array.astype(np.float32)
        if not np.isfinite(checked[name]).all():
            raise ExportError(f"The weight {name} holds values that are not finite; such a network cannot answer.")
    return checked


def _serialise(graph: GraphParts, shape: LanguageShape) -> bytes:
    def states(kind: str) -> list[onnx.ValueInfoProto]:
        return [
            helper.make_tensor_value_info(f"{kind}.{name}", TensorProto.FLOAT, [1, "batch", shape.hidden])
            for name in shape.states
        ]

    ids = helper.make_tensor_value_info("ids", TensorProto.INT64, ["batch", "time"])
    logits = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", "time", shape.vocabulary])
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "recurra-language",
            [ids, *states("past")],
            [logits, *states("present")],
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
