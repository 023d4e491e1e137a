"""The graph of a network that reads forward, fed in pieces, several streams at a time; and its check after training."""

from __future__ import annotations

import itertools
from typing import Any, get_args

import numpy as np
import onnx
import onnxruntime as ort
import pytest

from recurra.errors import ExportError
from recurra.kernel.layout import Cell
from recurra.many_to_one.learn.graph import build
from recurra.many_to_one.shape import ManyToOneShape

torch = pytest.importorskip("torch")

VOCABULARY = 23
CELLS, POOLINGS = get_args(Cell), ("last", "mean", "max", "max-mean", "attention")
GRID = list(itertools.product(CELLS, (1, 2), POOLINGS))


def shape(cell: str, layers: int, pooling: str, direction: str = "forward") -> ManyToOneShape:
    return ManyToOneShape.model_validate(
        {
            "vocabulary": VOCABULARY,
            "embedding": 5,
            "cell": cell,
            "hidden": 4,
            "layers": layers,
            "direction": direction,
            "pooling": pooling,
            "outputs": 3,
        }
    )


def session_of(graph: bytes) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    return ort.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


def graph_of(network: ManyToOneShape) -> bytes:
    rng = np.random.default_rng(0)
    return build(network, {name: rng.normal(scale=0.8, size=size) for name, size in network.weight_shapes().items()})


@pytest.mark.parametrize(("cell", "layers", "pooling"), GRID)
def test_ragged_streams_side_by_side_in_pieces(cell: str, layers: int, pooling: str) -> None:
    """Three streams of different lengths; every piece is padded with random ids, and no two pieces are cut alike."""
    session, rng = session_of(graph_of(shape(cell, layers, pooling))), np.random.default_rng(4)
    past = [value.name for value in session.get_overridable_initializers()]
    present = [name.replace("past.", "present.", 1) for name in past]
    assert [value.name for value in session.get_outputs()] == ["logits", "probabilities", *present]
    read: list[list[int]] = [[], [], []]
    state: dict[str, Any] = {}
    for most in (1, 6, 1, 3, 15):
        lengths = rng.integers(1, most + 1, size=3)
        ids = rng.integers(0, VOCABULARY, size=(3, most + 2))
        for row, (so_far, length) in enumerate(zip(read, lengths, strict=True)):
            so_far += ids[row, :length].tolist()
        logits, *arrays = session.run(["logits", *present], {"ids": ids, "lengths": lengths, **state})
        state = dict(zip(past, arrays, strict=True))
        for row, so_far in enumerate(read):
            whole = session.run(["logits"], {"ids": np.array([so_far]), "lengths": np.array([len(so_far)])})[0]
            np.testing.assert_allclose(logits[row], whole[0], atol=3e-6)
    assert len(np.unique(logits.round(4), axis=0)) == 3


def test_attention_survives_scores_that_differ_by_more_than_an_exponential_can_hold() -> None:
    network = shape("rnn", 1, "attention")
    rng = np.random.default_rng(1)
    weights = {name: rng.normal(size=size) for name, size in network.weight_shapes().items()}
    weights["pooling.score.weight"] *= 2000
    session = session_of(build(network, weights))
    past = [value.name for value in session.get_overridable_initializers()]
    names = ["logits", *(name.replace("past.", "present.", 1) for name in past)]
    ids, state = rng.integers(0, VOCABULARY, size=40), {}
    for place in range(40):
        logits, *arrays = session.run(names, {"ids": ids[None, place : place + 1], "lengths": np.array([1]), **state})
        state = dict(zip(past, arrays, strict=True))
        whole = session.run(["logits"], {"ids": ids[None, : place + 1], "lengths": np.array([place + 1])})[0]
        assert np.isfinite(logits).all()
        np.testing.assert_allclose(logits, whole, atol=1e-5)


def test_a_network_that_reads_both_ways_has_no_state() -> None:
    model = onnx.load_from_string(graph_of(shape("lstm", 2, "attention", "both")))
    assert [value.name for value in model.graph.input] == ["ids", "lengths"]
    assert [value.name for value in model.graph.output] == ["logits", "probabilities"]


def test_all_operators_are_standard_and_the_file_is_reproducible() -> None:
    graph = graph_of(shape("lstm", 2, "attention"))
    assert graph == graph_of(shape("lstm", 2, "attention"))
    assert {node.domain for node in onnx.load_from_string(graph).graph.node} == {""}


@pytest.mark.parametrize("pooling", POOLINGS)
def test_the_check_compares_streams_with_the_network_too(pooling: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from recurra.many_to_one.engines.onnx import GraphSession
    from recurra.many_to_one.learn.check import checked_graph
    from recurra.many_to_one.learn.network import ManyToOneNetwork

    torch.manual_seed(0)
    network = ManyToOneNetwork(shape("gru", 2, pooling))
    checked_graph(network, 1.2)
    advance = GraphSession.advance

    def forgetful(self: GraphSession, ids: Any, state: Any) -> Any:
        answer, after = advance(self, ids, state)
        return answer, {**after, "0.h": after["0.h"] * 0}

    monkeypatch.setattr(GraphSession, "advance", forgetful)
    with pytest.raises(ExportError, match="answers differently"):
        checked_graph(network, 1.2)
