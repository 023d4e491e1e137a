"""What is read of an ONNX file is what the package onnx reads, and bytes of any kind end with one sentence."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import helper, numpy_helper

from recurra.errors import ArtefactError
from recurra.inference.onnx_file import OnnxGraph, read_onnx
from recurra.many_to_one.learn.quantise import quantised
from support.written_models import MODELS

FILES = sorted(MODELS.glob("*/*.onnx"))
WHOLE = (MODELS / "classify" / "model.onnx").read_bytes()


def plain(attribute: onnx.AttributeProto) -> Any:
    value = helper.get_attribute_value(attribute)
    return value.decode() if isinstance(value, bytes) else list(value) if attribute.ints else value


def assert_same(read: OnnxGraph, graph: onnx.GraphProto) -> None:
    assert list(read.constants) == [tensor.name for tensor in graph.initializer]
    for tensor in graph.initializer:
        expected = numpy_helper.to_array(tensor)
        assert read.constants[tensor.name].dtype == expected.dtype
        np.testing.assert_array_equal(read.constants[tensor.name], expected)
    assert len(read.nodes) == len(graph.node)
    for node, expected_node in zip(read.nodes, graph.node, strict=True):
        assert (node.operator, node.domain) == (expected_node.op_type, expected_node.domain)
        assert (node.inputs, node.outputs) == (list(expected_node.input), list(expected_node.output))
        assert node.attributes.keys() == {attribute.name for attribute in expected_node.attribute}
        for attribute in expected_node.attribute:
            value = node.attributes[attribute.name]
            if isinstance(value, OnnxGraph):
                assert_same(value, attribute.g)
            else:
                assert value == plain(attribute)


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_file_is_read_as_the_package_onnx_reads_it(path: Any) -> None:
    model = onnx.load_from_string(path.read_bytes())
    file = read_onnx(path.read_bytes(), "model.onnx")
    assert file.opsets == {"": 17} == {one.domain: one.version for one in model.opset_import}
    assert_same(file.graph, model.graph)


def test_the_graph_within_a_graph_is_read_too() -> None:
    content = quantised(WHOLE)
    assert content is not None
    file = read_onnx(content, "model.onnx")
    assert file.opsets == {"": 17, "com.microsoft": 1}
    assert_same(file.graph, onnx.load_from_string(content).graph)
    (scan,) = file.graph.nodes
    assert isinstance(scan.attributes["body"], OnnxGraph)
    assert "DynamicQuantizeLSTM" in {node.operator for node in scan.attributes["body"].nodes}


def test_attributes_of_several_kinds() -> None:
    node = helper.make_node("X", ["a", ""], ["b"], domain="d", f=0.5, i=-3, s="é", ints=[1, -2, 2**62])
    graph = helper.make_graph([node], "g", [], [])
    (read,) = read_onnx(helper.make_model(graph).SerializeToString(), "m").graph.nodes
    assert read.attributes == {"f": 0.5, "i": -3, "s": "é", "ints": [1, -2, 2**62]}
    assert (read.inputs, read.domain) == (["a", ""], "d")


def tensor(**fields: Any) -> onnx.TensorProto:
    return onnx.TensorProto(**({"name": "t", "dims": [2], "data_type": 1, "raw_data": b"\0" * 8} | fields))


@pytest.mark.parametrize(
    ("constant", "reason"),
    [
        (tensor(dims=[3]), "does not have as many values"),
        (tensor(dims=[-2]), "does not have as many values"),
        (tensor(dims=[2**62, 4]), "does not have as many values"),
        (tensor(dims=[2**32, 2**32]), "does not have as many values"),
        (tensor(data_type=8), "of a type that no file of Recurra has"),
        (tensor(raw_data=b"", float_data=[1.0, 2.0]), r"a part \(field 4\)"),
        (tensor(data_location=1), "it refers to data outside itself"),
    ],
)
def test_a_constant_that_is_not_as_it_is_written_is_refused(constant: onnx.TensorProto, reason: str) -> None:
    content = helper.make_model(helper.make_graph([], "g", [], [], [constant])).SerializeToString()
    with pytest.raises(ArtefactError, match=rf"^DIR/model\.onnx cannot be loaded: .*{reason}"):
        read_onnx(content, "DIR/model.onnx")


def test_what_would_be_merged_or_overlooked_is_refused() -> None:
    model = onnx.load_from_string(WHOLE)
    twice = onnx.ModelProto()
    twice.CopyFrom(model)
    twice.graph.initializer.append(model.graph.initializer[0])
    functions = onnx.ModelProto()
    functions.CopyFrom(model)
    functions.functions.add(name="f", domain="d")
    cases = {
        "two constants": twice.SerializeToString(),
        "2 graphs": WHOLE + onnx.ModelProto(graph=onnx.GraphProto(name="more")).SerializeToString(),
        "0 graphs": b"",
        r"a part \(field 25\)": functions.SerializeToString(),
    }
    for reason, content in cases.items():
        with pytest.raises(ArtefactError, match=reason):
            read_onnx(content, "model.onnx")


@given(st.binary(max_size=200))
def test_bytes_of_any_kind_end_with_one_sentence(content: bytes) -> None:
    _read_or_refuse(content)


@given(st.integers(0, len(WHOLE) - 1), st.binary(min_size=0, max_size=12), st.integers(0, 12))
def test_a_damaged_file_is_read_or_ends_with_one_sentence(position: int, change: bytes, removed: int) -> None:
    _read_or_refuse(WHOLE[:position] + change + WHOLE[position + removed :])


def _read_or_refuse(content: bytes) -> None:
    try:
        read_onnx(content, "model.onnx")
    except ArtefactError as error:
        assert str(error).startswith("model.onnx cannot be loaded: ")  # noqa: PT017
