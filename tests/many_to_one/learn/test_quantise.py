"""int8 graphs: near the exact ones, the same for a row whatever stands beside it, and chosen only where they serve."""

from __future__ import annotations

import itertools

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray

from recurra.many_to_one.engines.onnx import GraphSession
from recurra.many_to_one.learn.graph import build
from recurra.many_to_one.learn.quantise import quantised
from recurra.many_to_one.shape import ManyToOneShape

VOCABULARY = 60
POOLINGS = ("last", "mean", "max", "max-mean", "attention")
Rows = list[NDArray[np.int32]]


def exact_graph(hidden: int = 32, embedding: int = 24, seed: int = 0, **changes: object) -> bytes:
    plain = {"cell": "lstm", "direction": "both", "layers": 1, "pooling": "max", "outputs": 1, **changes}
    network = ManyToOneShape.model_validate(
        {"vocabulary": VOCABULARY, "embedding": embedding, "hidden": hidden, **plain}
    )
    rng = np.random.default_rng(seed)
    scale = hidden**-0.5
    return build(network, {n: rng.uniform(-scale, scale, s) * 1.5 for n, s in network.weight_shapes().items()}, 1.2)


def rows_of(lengths: list[int], seed: int = 1) -> Rows:
    rng = np.random.default_rng(seed)
    return [rng.integers(0, VOCABULARY, n).astype(np.int32) for n in lengths]


RAGGED = [17, 1, 40, 3, 1, 88, 29, 2, 40, 11]


@pytest.mark.parametrize(
    ("layers", "pooling", "outputs"),
    list(itertools.product((1, 2), POOLINGS, (1, 3))),
)
def test_probabilities_stay_near_the_exact_ones(layers: int, pooling: str, outputs: int) -> None:
    graph = exact_graph(layers=layers, pooling=pooling, outputs=outputs)
    small = quantised(graph)
    assert small is not None and len(small) < len(graph)
    rows = rows_of(RAGGED)
    expected, got = GraphSession(graph).run(rows), GraphSession(small).run(rows)
    assert got[0].shape == expected[0].shape
    np.testing.assert_allclose(got[1], expected[1], atol=0.02)
    assert np.abs(got[1] - expected[1]).max() > 0
    np.testing.assert_allclose(got[1].sum(axis=1), 1, atol=1e-6)


@pytest.mark.parametrize("pooling", POOLINGS)
def test_batch_mates_and_padding_change_no_bit(pooling: str) -> None:
    small = quantised(exact_graph(pooling=pooling, layers=2))
    assert small is not None
    session, rows = GraphSession(small), rows_of(RAGGED)
    alone = np.concatenate([session.run([row])[0] for row in rows])
    assert np.array_equal(session.run(rows)[0], alone)
    assert np.array_equal(session.run(rows[::-1])[0], alone[::-1])
    raw = session._session
    lengths = np.array(RAGGED)
    for extra, low, high in ((0, 0, VOCABULARY), (9, -(10**12), 10**12)):
        ids = np.random.default_rng(2).integers(low, high, (len(rows), max(RAGGED) + extra))
        for place, row in enumerate(rows):
            ids[place, : len(row)] = row
        assert np.array_equal(raw.run(["logits"], {"ids": ids, "lengths": lengths})[0], alone)


def test_weights_are_rounded_to_the_nearest_step() -> None:
    graph = exact_graph()
    before = {t.name: onnx.numpy_helper.to_array(t) for t in onnx.load_from_string(graph).graph.initializer}
    after = {t.name: onnx.numpy_helper.to_array(t) for t in onnx.load_from_string(quantised(graph)).graph.initializer}
    table = after["embedding.rounded"] * after["embedding.scales"]
    assert after["embedding.rounded"].dtype == np.int8
    assert (np.abs(table - before["embedding.weight"]) <= after["embedding.scales"] * 0.5001).all()
    for name in ("recurrent.layers.0.W", "recurrent.layers.0.R"):
        rounded, scales = after[f"{name}.rounded"], after[f"{name}.scales"][:, None]
        assert np.abs(rounded).max() == 63
        assert (
            np.abs((rounded * scales).transpose(0, 2, 1) - before[name]) <= scales.transpose(0, 2, 1) * 0.5001
        ).all()


def test_a_row_of_zeros_is_kept() -> None:
    network = ManyToOneShape.model_validate(
        {"vocabulary": 9, "embedding": 3, "cell": "lstm", "hidden": 4, "layers": 1, "direction": "both",
         "pooling": "mean", "outputs": 1}
    )  # fmt: skip
    small = quantised(build(network, {name: np.zeros(shape) for name, shape in network.weight_shapes().items()}))
    assert small is not None
    np.testing.assert_allclose(GraphSession(small).run([np.array([1, 8])])[1], 0.5)


def test_where_it_would_not_help_there_is_none() -> None:
    for changes in ({"cell": "gru"}, {"cell": "rnn"}, {"direction": "forward"}):
        assert quantised(exact_graph(**changes)) is None
    assert quantised(exact_graph()) == quantised(exact_graph())
