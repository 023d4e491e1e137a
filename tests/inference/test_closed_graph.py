"""Graphs that would loop, look outside their tables or fill the memory are refused before they are run."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from recurra.errors import ArtefactError
from recurra.inference.closed_graph import check_graph, finite
from recurra.many_to_one.learn.quantise import quantised
from support.written_models import MODELS

WHOLE = (MODELS / "classify" / "model.onnx").read_bytes()
TABLES = {"embedding.weight": 1}


def changed(change: Callable[[onnx.ModelProto], object], content: bytes = WHOLE) -> bytes:
    model = onnx.load_from_string(content)
    change(model)
    encoded: bytes = model.SerializeToString()
    return encoded


def constant(name: str, array: np.ndarray) -> Callable[[onnx.ModelProto], object]:
    def change(model: onnx.ModelProto) -> None:
        (tensor,) = (tensor for tensor in model.graph.initializer if tensor.name == name)
        tensor.CopyFrom(numpy_helper.from_array(array, name))

    return change


def added(*arguments: object, **attributes: object) -> Callable[[onnx.ModelProto], object]:
    return lambda model: model.graph.node.append(helper.make_node(*arguments, **attributes))


def loop() -> Callable[[onnx.ModelProto], object]:
    condition = helper.make_tensor_value_info("on", TensorProto.BOOL, [])
    number = helper.make_tensor_value_info("n", TensorProto.INT64, [])
    keep = helper.make_node("Identity", ["on"], ["still"])
    body = helper.make_graph([keep], "forever", [number, condition], [helper.make_tensor_value_info("still", 9, [])])
    return added("Loop", ["", "yes"], [], body=body)


def filled() -> Callable[[onnx.ModelProto], object]:
    return added("ConstantOfShape", ["ints_1"], ["x"], value=helper.make_tensor("v", TensorProto.FLOAT, [1], [1.0]))


def swapped(operator: str, index: int, name: str) -> Callable[[onnx.ModelProto], object]:
    def change(model: onnx.ModelProto) -> None:
        node = next(node for node in model.graph.node if node.op_type == operator)
        node.input[index] = name

    return change


def renamed_table(model: onnx.ModelProto) -> None:
    for tensor in model.graph.initializer:
        if tensor.name == "embedding.weight":
            tensor.name = "another"
    swapped("Gather", 0, "another")(model)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (loop(), "the operator 'Loop'"),
        (filled(), "a part"),
        (added("ConstantOfShape", ["ints_1"], ["x"]), "the operator 'ConstantOfShape'"),
        (added("If", ["ids"], ["x"]), "the operator 'If'"),
        (added("Gelu", ["ids"], ["x"], domain="com.microsoft"), "the operator 'Gelu' of 'com.microsoft'"),
        (added("Add", ["ids", "ids"], ["x"], domain="my.own"), "the operator 'Add' of 'my.own'"),
        (added("LSTM", ["a"], ["b"], clip=1.0), "LSTM has the attribute 'clip'"),
        (added("Conv", ["a", "b"], ["c"], kernel_shape=[3], pads=[9999, 1]), "Conv is not in the form"),
        *(
            (added("Conv", ["a", "b"], ["c"], **attributes), "Conv is not in the form")
            for attributes in (
                {"kernel_shape": [5], "pads": [1, 1]},
                {"kernel_shape": [4], "pads": [2, 2]},
                {"kernel_shape": [33], "pads": [16, 16]},
                {"kernel_shape": [3], "pads": [1, 1], "strides": [0]},
                {"kernel_shape": [3, 3], "pads": [1, 1]},
                {"kernel_shape": [3], "pads": [1, 1], "dilations": [2]},
                {"pads": [1, 1]},
            )
        ),
        (added("Expand", ["ids", "ints_1"], ["c"]), "Expand is not in the form"),
        (added("Range", ["int_0", "int_1", "int_1"], ["c"]), "Range is not in the form"),
        (constant("int_1", np.array([0])), "Range is not in the form"),
        (constant("ints_0_1_0_0", np.array([0, 9, 0, 0])), "Pad is not in the form"),
        (constant("ints_1", np.array([10**12])), "'ints_1' is out of range"),
        (constant("ints_1", np.arange(9) * 0), "'ints_1' is out of range"),
        (constant("head.bias", np.array([np.nan], dtype=np.float32)), "'head.bias' hold values that are not finite"),
        (constant("embedding.weight", np.ones((0, 4), dtype=np.float32)), "0 rows for 1 ids"),
        (renamed_table, "looks up ids in the constant 'another'"),
        (lambda model: model.opset_import.add(domain="my.own", version=1), "version 1 of the operators 'my.own'"),
        (lambda model: model.opset_import.__getitem__(0).__setattr__("version", 9), "version 9 of the operators"),
        (lambda model: [added("Tanh", ["ids"], [f"x{n}"])(model) for n in range(200)], "has 228 operators"),
    ],
)
def test_a_graph_that_recurra_does_not_write_is_refused(
    change: Callable[[onnx.ModelProto], object], reason: str
) -> None:
    with pytest.raises(ArtefactError, match=rf"^DIR/model\.onnx .*{reason}.*\. "):
        check_graph(changed(change), "DIR/model.onnx", TABLES)


def test_a_scan_over_anything_but_the_rows_is_refused() -> None:
    content = quantised(WHOLE)
    assert content is not None
    check_graph(content, "model.onnx")

    def three(model: onnx.ModelProto) -> None:
        model.graph.node[0].input.append("ids")

    def within(model: onnx.ModelProto) -> None:
        body = next(attribute for attribute in model.graph.node[0].attribute if attribute.name == "body").g
        body.node.append(model.graph.node[0])

    for change, reason in ((three, "Scan is not in the form"), (within, "a graph within the graph")):
        with pytest.raises(ArtefactError, match=reason):
            check_graph(changed(change, content), "model.onnx")


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"\x18\0\0\0ORTM" + b"\0" * 40, "a graph in ONNX Runtime's own format"),
        (b"\x89PNG\r\n\x1a\n", "an image"),
        (b"\x7fELF\x02", "a program"),
        (b"PK\x03\x04", "a zip archive, as PyTorch and Keras write them"),
        (b"\x89HDF\r\n", "an HDF5 file, as Keras writes them"),
        (b"\x80\x04\x95", "a Python pickle"),
        (b"version https://git-lfs.github.com/spec/v1\n", "a pointer of Git LFS"),
        (b"<!doctype html>", "a page of HTML or XML"),
    ],
)
def test_a_file_of_another_kind_is_called_by_its_name(content: bytes, kind: str) -> None:
    with pytest.raises(ArtefactError, match=rf"^model\.onnx is no ONNX file but {kind}.* Copy the model again"):
        check_graph(content, "model.onnx")


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_one_number_among_many_that_is_not_finite_is_found(value: float) -> None:
    array = np.ones((30, 40), dtype=np.float32)
    assert finite(array)
    array[17, 3] = value
    assert not finite(array)
