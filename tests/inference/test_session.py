"""A graph is opened where it is whole and refers to nothing outside itself."""

from __future__ import annotations

import numpy as np
import onnx
import pytest

from recurra.errors import ArtefactError
from recurra.inference.session import Graph, open_graph


def test_a_graph_answers(binary_graph: bytes) -> None:
    session = open_graph(binary_graph)
    ids, lengths = np.array([[3, 4, 5]]), np.array([3])
    logits, probabilities = session.run(["logits", "probabilities"], {"ids": ids, "lengths": lengths})
    assert logits.shape == (1, 1)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-6)
    assert session.get_session_options().intra_op_num_threads == 1


@pytest.mark.parametrize("content", [b"", b"nonsense"])
def test_what_is_no_graph_is_named_in_the_error(content: bytes) -> None:
    with pytest.raises(ArtefactError, match=r"^step\.onnx cannot be loaded: "):
        open_graph(content, "step.onnx")


def test_a_graph_that_was_cut_off_is_refused(binary_graph: bytes) -> None:
    for end in (-100, len(binary_graph) // 2):
        with pytest.raises(ArtefactError, match=r"^model\.onnx cannot be loaded: "):
            open_graph(binary_graph[:end])


def test_a_graph_that_refers_to_another_file_is_refused(binary_graph: bytes) -> None:
    model = onnx.load_from_string(binary_graph)
    tensor = next(tensor for tensor in model.graph.initializer if tensor.name == "head.weight")
    tensor.ClearField("raw_data")
    tensor.data_location = onnx.TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="/etc/hostname")
    with pytest.raises(ArtefactError, match=r"^model\.onnx cannot be loaded: it refers to data outside itself\."):
        open_graph(model.SerializeToString())


def graph_of(nodes: list[onnx.NodeProto], rows: str | int = "batch", **constants: np.ndarray) -> Graph:
    x = onnx.helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, ["batch", 2])
    y = onnx.helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, [rows, None])
    arrays = [onnx.numpy_helper.from_array(array, name) for name, array in constants.items()]
    graph = onnx.helper.make_graph(nodes, "g", [x], [y], arrays)
    opsets = [onnx.helper.make_opsetid("", 17)]
    return open_graph(
        onnx.helper.make_model(graph, opset_imports=opsets, ir_version=8).SerializeToString(), "DIR/step.onnx"
    )


X = np.array([[1, 2], [3, 4], [5, 6]], dtype=np.float32)


def test_an_answer_of_other_rows_than_were_given_is_refused() -> None:
    twice = graph_of([onnx.helper.make_node("Concat", ["x", "x"], ["y"], axis=0)])
    for _ in range(2):
        with pytest.raises(ArtefactError, match=r"^DIR/step\.onnx cannot answer: .*'y' has the wrong shape \(6, 2\)"):
            twice.run(["y"], {"x": X})
    (one,) = graph_of([onnx.helper.make_node("Tanh", ["x"], ["y"])]).run(None, {"x": X})
    np.testing.assert_allclose(one, np.tanh(X), rtol=1e-6)


def test_an_answer_that_is_not_finite_is_refused_and_the_next_one_is_not() -> None:
    quotient = graph_of([onnx.helper.make_node("Div", ["x", "x"], ["y"])])
    (ones,) = quotient.run(None, {"x": X})
    np.testing.assert_array_equal(ones, np.ones_like(X))
    with pytest.raises(ArtefactError, match=r"^DIR/step\.onnx cannot answer: its output 'y' is not finite"):
        quotient.run(None, {"x": X * np.array([1, 0], np.float32)})
    with pytest.raises(ArtefactError, match="is not finite"):
        graph_of([onnx.helper.make_node("Div", ["x", "zero"], ["y"])], zero=np.zeros(1, np.float32)).run(None, {"x": X})


def test_an_id_outside_of_a_table_is_one_sentence() -> None:
    table = np.ones((4, 2), dtype=np.float32)
    nodes = [
        onnx.helper.make_node("Cast", ["x"], ["ids"], to=onnx.TensorProto.INT64),
        onnx.helper.make_node("Gather", ["table", "ids"], ["rows"]),
        onnx.helper.make_node("Reshape", ["rows", "shape"], ["y"]),
    ]
    graph = graph_of(nodes, table=table, shape=np.array([-1, 4]))
    assert graph.run(["y"], {"x": X / 2})[0].shape == (3, 4)
    with pytest.raises(ArtefactError, match=r"^DIR/step\.onnx cannot answer: .*\. Copy the whole model again"):
        graph.run(["y"], {"x": X})


def test_a_lack_of_memory_is_no_fault_of_the_model(binary_graph: bytes) -> None:
    nodes = [onnx.helper.make_node("MatMul", ["x", "wide"], ["z"])]
    nodes += [onnx.helper.make_node("Transpose", ["z"], ["t"], perm=[1, 0])]
    nodes += [onnx.helper.make_node("MatMul", ["t", "z"], ["y"])]
    graph = graph_of(nodes, "other", wide=np.ones((2, 2**22), dtype=np.float32))
    with pytest.raises(ArtefactError, match=r"^DIR/step\.onnx cannot answer: there is not enough memory"):
        graph.run(["y"], {"x": X})
