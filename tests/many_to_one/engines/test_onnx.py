"""The session against the plain graph, one row at a time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from numpy.typing import NDArray

from recurra.errors import ArtefactError, OptionError
from recurra.many_to_one.engines.onnx import GraphSession


def plain(graph: bytes, row: NDArray[np.int32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    session = ort.InferenceSession(graph, providers=["CPUExecutionProvider"])
    ids = row[None].astype(np.int64)
    logits, probabilities = session.run(None, {"ids": ids, "lengths": np.array([len(row)])})
    return logits[0], probabilities[0]


def rows_of(lengths: list[int], seed: int = 0) -> list[NDArray[np.int32]]:
    rng = np.random.default_rng(seed)
    return [rng.integers(0, 42, size=length).astype(np.int32) for length in lengths]


@pytest.mark.parametrize("threads", [1, 3, None])
@pytest.mark.parametrize("budget", [1, 20, 4096])
def test_order_and_answers_do_not_depend_on_batches(
    binary_graph: bytes, ternary_graph: bytes, monkeypatch: pytest.MonkeyPatch, threads: int | None, budget: int
) -> None:
    monkeypatch.setattr(GraphSession, "batch_tokens", budget)
    rows = rows_of([3, 1, 17, 9, 1, 30, 4, 4, 2, 12])
    for graph, classes, outputs in ((binary_graph, 2, 1), (ternary_graph, 3, 3)):
        logits, probabilities = GraphSession(graph, threads).run(rows)
        assert logits.shape == (len(rows), outputs)
        assert probabilities.shape == (len(rows), classes)
        for number, row in enumerate(rows):
            expected = plain(graph, row)
            np.testing.assert_allclose(logits[number], expected[0], atol=1e-5)
            np.testing.assert_allclose(probabilities[number], expected[1], atol=1e-5)


def test_no_rows_and_empty_rows(ternary_graph: bytes) -> None:
    session = GraphSession(ternary_graph)
    assert [part.shape for part in session.run([])] == [(0, 3), (0, 3)]
    with pytest.raises(OptionError, match="Sequence 1 is empty"):
        session.run(rows_of([2, 0, 3]))


def test_many_threads_may_call_one_session(binary_graph: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(GraphSession, "batch_tokens", 16)
    session = GraphSession(binary_graph, 2)
    sets = [rows_of([5, 1, 8, 3, 7], seed) for seed in range(12)]
    expected = [session.run(rows)[0] for rows in sets]
    with ThreadPoolExecutor(4) as callers:
        for got, right in zip(callers.map(lambda rows: session.run(rows)[0], sets), expected, strict=True):
            np.testing.assert_allclose(got, right, atol=1e-5)


def test_other_graphs_are_refused(binary_graph: bytes) -> None:
    for content in (b"", b"nonsense", binary_graph[:-100], binary_graph[: len(binary_graph) // 2]):
        with pytest.raises(ArtefactError, match=r"model\.onnx"):
            GraphSession(content)
    renamed = onnx.load_from_string(binary_graph)
    renamed.graph.node[-1].output[0] = renamed.graph.output[1].name = "chances"
    with pytest.raises(ArtefactError, match="inputs"):
        GraphSession(renamed.SerializeToString())


def test_a_graph_that_refers_to_another_file_is_refused(binary_graph: bytes) -> None:
    reaching = onnx.load_from_string(binary_graph)
    tensor = next(tensor for tensor in reaching.graph.initializer if tensor.name == "head.weight")
    tensor.ClearField("raw_data")
    tensor.data_location = onnx.TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="/etc/hostname")
    with pytest.raises(ArtefactError, match="outside itself"):
        GraphSession(reaching.SerializeToString())


def test_thread_counts_below_one_are_refused(binary_graph: bytes) -> None:
    with pytest.raises(OptionError, match="at least 1"):
        GraphSession(binary_graph, 0)


def test_on_the_calling_thread_the_bits_do_not_depend_on_the_threads(
    binary_graph: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(GraphSession, "batch_tokens", 24)
    rows = rows_of([3, 1, 17, 9, 1, 30, 4, 4, 2, 12])
    one, several = GraphSession(binary_graph, 1), GraphSession(binary_graph, 5)
    monkeypatch.setattr(several._workers, "map", lambda *_: pytest.fail("another thread was asked"))
    for found, expected in zip(several.run(rows, shared=False), one.run(rows), strict=True):
        assert np.array_equal(found, expected)
