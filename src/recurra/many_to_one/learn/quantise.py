"""A graph with int8 weights: a quarter of the size, and faster where a processor multiplies int8.

Weights are rounded once, here: embeddings to 8 bits with a scale for each word, the LSTM's matrices to 7 bits with a
scale for each of their 4H outputs. Seven bits, because processors without VNNI add two products of an 8-bit activation
and a weight in 16 bits, which 8-bit weights overflow: a model would answer differently there.

The activations are rounded when the graph runs (`com.microsoft.DynamicQuantizeLSTM`), with one scale for the whole
batch, so that a row's answer would depend on the others. Therefore the graph takes its batch apart: a `Scan` over the
rows cuts each to its own length and answers it alone. That is exact, and costs no time (decision 0012).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import GraphProto, ModelProto, NodeProto, TensorProto, helper, numpy_helper

EMBEDDING = "embedding.weight"
EMBEDDING_STEPS, WEIGHT_STEPS = 127, 63
"""The largest integer of a rounded vector and of a rounded matrix, which are symmetric about zero."""

DOMAIN = "com.microsoft"
_INPUTS = ("ids", "lengths")
_BESIDE = "features"
_FIRST = "row.first_axis"


def quantised(graph: bytes) -> bytes | None:
    """Return the graph of `graph.build` with int8 weights, or None where it cannot have them.

    Inputs and outputs are the same; a row's answer does not depend on the others, to the last bit. Only LSTMs that read
    both ways can: ONNX Runtime has no such operator for the other cells, and a graph that reads forward may be given a
    text in pieces, where a scale for each piece would change the answer.
    """
    model = onnx.load_from_string(graph)
    recurrent = [node for node in model.graph.node if node.op_type in ("LSTM", "GRU", "RNN", "Scan")]
    if any(node.op_type != "LSTM" or _direction(node) != b"bidirectional" for node in recurrent):
        return None
    constants = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    nodes: list[NodeProto] = []
    for node in model.graph.node:
        if node.op_type == "LSTM":
            nodes.append(_quantised_lstm(node, constants))
        elif node.op_type == "Gather" and node.input[0].endswith(EMBEDDING):
            nodes += _quantised_look_up(node, constants)
        else:
            nodes.append(node)
    return _row_by_row(model, nodes, constants)


def _direction(node: NodeProto) -> bytes:
    return next((attribute.s for attribute in node.attribute if attribute.name == "direction"), b"forward")


def _quantised_look_up(node: NodeProto, constants: dict[str, NDArray[Any]]) -> list[NodeProto]:
    """Replace the table [V, D] by int8 and a scale for each row; only the rows that are looked up become float."""
    name, ids, output = node.input[0], node.input[1], node.output[0]
    table = constants.pop(name)
    scales = _scales(table, axis=1, steps=EMBEDDING_STEPS)  # [V, 1]
    base = name.removesuffix(".weight")
    constants[f"{base}.rounded"] = np.rint(table / scales).astype(np.int8)
    constants[f"{base}.scales"] = scales
    return [
        helper.make_node("Gather", [f"{base}.rounded", ids], [f"{base}.rounded_rows"]),
        helper.make_node("Gather", [f"{base}.scales", ids], [f"{base}.row_scales"]),
        helper.make_node("Cast", [f"{base}.rounded_rows"], [f"{base}.rows"], to=TensorProto.FLOAT),
        helper.make_node("Mul", [f"{base}.rows", f"{base}.row_scales"], [output]),
    ]


def _quantised_lstm(node: NodeProto, constants: dict[str, NDArray[Any]]) -> NodeProto:
    """Replace W and R [directions, 4H, in] by int8 [directions, in, 4H] with scales [directions, 4H]."""
    values, w, r, bias, lengths = node.input[:5]
    for name in (w, r):
        turned = constants.pop(name).transpose(0, 2, 1)
        scales = _scales(turned, axis=1, steps=WEIGHT_STEPS)  # [directions, 1, 4H]
        constants[f"{name}.rounded"] = np.rint(turned / scales).astype(np.int8)
        constants[f"{name}.scales"] = scales[:, 0]
        constants[f"{name}.zeros"] = np.zeros(scales[:, 0].shape, dtype=np.int8)
    attributes = {attribute.name: helper.get_attribute_value(attribute) for attribute in node.attribute}
    return helper.make_node(
        "DynamicQuantizeLSTM",
        [values, f"{w}.rounded", f"{r}.rounded", bias, lengths, "", "", ""]
        + [f"{name}.{part}" for name in (w, r) for part in ("scales", "zeros")],
        list(node.output),
        name=node.name,
        domain=DOMAIN,
        **attributes,
    )


def _scales(weights: NDArray[Any], axis: int, steps: int) -> NDArray[np.float32]:
    """Return the size of a step, with `axis` kept at length 1; 1 where all weights are zero."""
    largest = np.abs(weights).max(axis=axis, keepdims=True)
    return np.where(largest > 0, largest / steps, 1).astype(np.float32)


def _row_by_row(model: ModelProto, nodes: list[NodeProto], constants: dict[str, NDArray[Any]]) -> bytes:
    """Put `nodes` into a Scan over the rows of the batch; they see one row at a time, without padding."""
    outputs = [value.name for value in model.graph.output]
    beside = [value.name for value in model.graph.input if value.name == _BESIDE]
    inner = {name: f"row.{name}" for name in (*_INPUTS, *beside, *outputs)}
    for node in nodes:
        node.input[:] = [inner.get(name, name) for name in node.input]
        node.output[:] = [inner.get(name, name) for name in node.output]
    constants[_FIRST] = np.zeros(1, dtype=np.int64)
    cut = [
        helper.make_node("Unsqueeze", ["row.length", _FIRST], ["row.lengths"]),
        helper.make_node("Slice", ["row.padded", _FIRST, "row.lengths"], ["row.real"]),
        helper.make_node("Unsqueeze", ["row.real", _FIRST], ["row.ids"]),
        *(helper.make_node("Unsqueeze", ["row.beside", _FIRST], [inner[name]]) for name in beside),
    ]
    given = [helper.make_node("Squeeze", [inner[name], _FIRST], [f"{inner[name]}.given"]) for name in outputs]
    body = helper.make_graph(
        [*cut, *nodes, *given],
        "row",
        [
            helper.make_tensor_value_info("row.padded", TensorProto.INT64, ["time"]),
            helper.make_tensor_value_info("row.length", TensorProto.INT64, []),
            *(helper.make_tensor_value_info("row.beside", TensorProto.FLOAT, [None]) for _ in beside),
        ],
        [helper.make_tensor_value_info(f"{inner[name]}.given", TensorProto.FLOAT, [None]) for name in outputs],
    )
    whole: GraphProto = helper.make_graph(
        [
            helper.make_node(
                "Scan", [*_INPUTS, *beside], outputs, name="rows", num_scan_inputs=len(_INPUTS) + len(beside), body=body
            )
        ],
        model.graph.name,
        model.graph.input,
        model.graph.output,
        [numpy_helper.from_array(np.ascontiguousarray(array), name) for name, array in constants.items()],
    )
    content: bytes = helper.make_model(
        whole,
        opset_imports=[*model.opset_import, helper.make_opsetid(DOMAIN, 1)],
        ir_version=model.ir_version,
        producer_name=model.producer_name,
    ).SerializeToString(deterministic=True)
    onnx.checker.check_model(content)
    return content
