"""A graph is opened where it is whole and refers to nothing outside itself."""

from __future__ import annotations

import numpy as np
import onnx
import pytest

from recurra.errors import ArtefactError
from recurra.inference.session import open_graph


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
    with pytest.raises(ArtefactError, match=r"^model\.onnx refers to data outside itself"):
        open_graph(model.SerializeToString())
