"""The same graph gives the same bytes, of versions that old readers know, and no file is too large."""

from __future__ import annotations

import numpy as np
import onnx
import pytest

from recurra.errors import ExportError
from recurra.export import serialise as module
from recurra.export.graph_builder import FLOATS, GraphBuilder
from recurra.export.serialise import IR_VERSION, OPSET, serialise


def made(weights: int = 3) -> GraphBuilder:
    graph = GraphBuilder()
    graph.input("x", FLOATS, ["batch", weights])
    graph.output("y", FLOATS, ["batch", weights])
    graph.node("Add", ["x", graph.weight("bias", np.arange(weights, dtype=np.float32))], "y")
    return graph


def test_the_file_is_reproducible_and_names_its_versions() -> None:
    content = serialise(made())
    assert content == serialise(made())
    model = onnx.load_from_string(content)
    assert (model.ir_version, [entry.version for entry in model.opset_import]) == (IR_VERSION, [OPSET])
    assert model.producer_name == "recurra"


def test_a_graph_beyond_the_size_of_a_file_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    size = len(serialise(made()))
    monkeypatch.setattr(module, "MAX_BYTES", size)
    serialise(made())
    with pytest.raises(ExportError, match=rf"takes [\d,]+ bytes and one ONNX file holds at most {size:,}: train with"):
        serialise(made(4))


def test_a_graph_that_is_not_sound_is_not_written() -> None:
    graph = made()
    graph.output("nowhere", FLOATS, ["batch"])
    with pytest.raises(onnx.checker.ValidationError):
        serialise(graph)
