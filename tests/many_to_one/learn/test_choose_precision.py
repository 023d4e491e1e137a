"""int8 weights are chosen only where they serve, and both measurements are kept."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from recurra.many_to_one.engines.onnx import GraphSession
from recurra.many_to_one.learn import choose_precision
from recurra.many_to_one.learn.choose_precision import choose
from recurra.many_to_one.learn.classification import Classification
from recurra.many_to_one.learn.graph import build
from recurra.many_to_one.learn.quantise import quantised
from recurra.many_to_one.shape import ManyToOneShape

VOCABULARY = 60
OBJECTIVE = Classification(2)

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


def test_the_choice_carries_both_measurements(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choose_precision, "LEAST_BYTES", 0)
    monkeypatch.setattr(choose_precision, "_rates", lambda sessions, rows: [1000.0, 1500.0])
    graph, rows = exact_graph(hidden=48), rows_of([20] * 30)
    targets = GraphSession(graph).run(rows)[1].argmax(axis=1)
    targets[:3] = 1 - targets[:3]
    found = choose(graph, rows, targets, OBJECTIVE)
    assert found.graph == quantised(graph)
    assert found.figures["precision"] == "int8"
    assert found.figures["rows"] == 30
    assert found.figures["fp32"] == {"accuracy": pytest.approx(0.9), "tokens_per_second": 1000, "bytes": len(graph)}
    assert found.figures["int8"]["bytes"] == len(found.graph) < len(graph)
    monkeypatch.setattr(choose_precision, "_rates", lambda sessions, rows: [1000.0, 999.0])
    slower = choose(graph, rows, targets, OBJECTIVE)
    assert (slower.graph, slower.figures["precision"]) == (graph, "fp32")
    assert "not faster" in slower.figures["reason"]
    smaller = choose(graph, rows, targets, OBJECTIVE, quantise="always")
    assert (smaller.graph, smaller.figures["precision"]) == (found.graph, "int8")
    assert "smaller" in smaller.figures["reason"]


def test_what_is_measured_is_the_session(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = exact_graph(hidden=48)
    rates = choose_precision._rates([GraphSession(graph), GraphSession(quantised(graph) or b"")], rows_of([20] * 40))
    assert all(rate > 0 for rate in rates)


@pytest.mark.parametrize(
    ("rows", "lost", "changed", "moved", "speed", "said"),
    [
        (2000, 0.001, 40, 0.01, 1.4, ""),
        (2000, 0.0015, 3, 0.01, 1.4, "loses 0.15 points"),
        (2000, -0.01, 20, 0.01, 1.4, ""),
        (999, 0.0, 1, 0.01, 1.4, "changes 1 of 999 predictions"),
        (999, 0.0, 0, 0.01, 1.4, ""),
        (2000, 0.0, 0, 0.06, 1.4, "moves a probability by 0.060"),
        (2000, 0.0, 0, float("nan"), 1.4, "moves a probability"),
        (2000, 0.0, 0, 0.0, 1.0, "not faster"),
    ],
)
def test_reasons_against_int8(rows: int, lost: float, changed: int, moved: float, speed: float, said: str) -> None:
    reason = choose_precision._against(rows, lost, changed, moved, speed)
    assert said in reason
    assert bool(reason) == bool(said)


def test_what_is_not_requested_or_small_is_not_measured() -> None:
    graph, rows = exact_graph(), rows_of([4, 5])
    for quantise, why in (("never", "not requested"), ("auto", "small as it is"), ("always", "small as it is")):
        choice = choose(graph, rows, np.array([0, 1]), OBJECTIVE, quantise=quantise)
        assert choice.graph == graph
        assert why in choice.figures["reason"]
        assert choice.figures.keys() == {"precision", "reason"}
