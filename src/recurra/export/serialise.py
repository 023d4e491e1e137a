"""A finished graph as the bytes of an ONNX file."""

from __future__ import annotations

import onnx
from onnx import helper

from recurra.errors import ExportError
from recurra.export.graph_builder import GraphBuilder

OPSET = 17

IR_VERSION = 8
"""Both as low as the operators allow, so that any onnxruntime since 1.12 reads the file."""

MAX_BYTES = 2**31 - 1

PRODUCER = "recurra"


def serialise(graph: GraphBuilder, name: str = PRODUCER) -> bytes:
    """Return the ONNX file of a graph; the same graph gives the same bytes.

    Raises ExportError where it exceeds 2 GiB.
    """
    model = helper.make_model(
        helper.make_graph(graph.nodes, name, graph.inputs, graph.outputs, list(graph.initializers.values())),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name=PRODUCER,
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
