"""The scan of a graph against a loop in NumPy: any lengths, given states of each direction, and what is refused."""

from __future__ import annotations

from typing import get_args

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from recurra.errors import ArtefactError
from recurra.export.graph_builder import FLOATS, INTEGERS, GraphBuilder
from recurra.export.scanned_layer import CELLS, ScannedLayer
from recurra.export.serialise import serialise
from recurra.inference.closed_graph import check_graph
from recurra.inference.session import open_graph
from recurra.kernel.layout import DIRECTION_NAMES, GATES, Cell, Direction

INPUTS, HIDDEN = 4, 5
Floats = NDArray[np.float32]


def weights_of(cell: Cell, direction: Direction, seed: int) -> dict[str, Floats]:
    rng, rows = np.random.default_rng(seed), GATES[cell] * HIDDEN
    return {
        f"layer.{name}.{kind}": rng.normal(size=shape).astype(np.float32)
        for name in DIRECTION_NAMES[direction]
        for kind, shape in (("weight_ih", (rows, INPUTS)), ("bias_ih", (rows,)))
    }


def graph_of(cell: Cell, direction: Direction, weights: dict[str, Floats]) -> bytes:
    directions = len(DIRECTION_NAMES[direction])
    graph = GraphBuilder()
    graph.input("x", FLOATS, ["time", "batch", INPUTS])
    graph.input("lengths", INTEGERS, ["batch"])
    graph.input("past", FLOATS, [directions, "batch", HIDDEN])
    graph.output("layer.states", FLOATS, ["time", directions, "batch", HIDDEN])
    graph.output("present", FLOATS, [directions, "batch", HIDDEN])
    layer = ScannedLayer(graph, weights, "layer", cell, direction)
    answer = layer.append("x", lengths="lengths", initial=["past"], final=["present"], every_step=True)
    assert answer == ("layer.states", "present")
    return serialise(graph)


def sigmoid(x: Floats) -> Floats:
    return 1 / (1 + np.exp(-x))


def in_a_loop(cell: Cell, x: Floats, lengths: list[int], past: Floats, weights: dict[str, Floats]) -> Floats:
    """Return states [T, directions, B, H] by the papers' equations, zero in the padding."""
    states = np.zeros((len(x), len(past), len(lengths), HIDDEN))
    for place, name in enumerate(DIRECTION_NAMES["both"][: len(past)]):
        weight, bias = (weights[f"layer.{name}.{kind}"].astype(float) for kind in ("weight_ih", "bias_ih"))
        for row, length in enumerate(lengths):
            h = past[place, row].astype(float)
            for t in reversed(range(length)) if place else range(length):
                *gates, candidate = np.split(weight @ x[t, row] + bias, GATES[cell])
                z = sigmoid(gates[0])
                if cell == "minlstm":
                    z = z / (z + sigmoid(gates[1]))
                h = states[t, place, row] = (1 - z) * h + z * candidate
    return states


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("direction", get_args(Direction))
@settings(max_examples=12, deadline=None)
@given(lengths=st.lists(st.integers(1, 9), min_size=1, max_size=6), seed=st.integers(0, 99))
def test_any_lengths_give_what_a_loop_gives(cell: Cell, direction: Direction, lengths: list[int], seed: int) -> None:
    rng, weights = np.random.default_rng(seed), weights_of(cell, direction, seed)
    x = rng.normal(size=(max(lengths), len(lengths), INPUTS)).astype(np.float32)
    for row, length in enumerate(lengths):
        x[length:, row] = rng.choice([99, -1e30, np.inf, np.nan])  # padding may have any value
    past = rng.normal(size=(len(DIRECTION_NAMES[direction]), len(lengths), HIDDEN)).astype(np.float32)
    session = open_graph(graph_of(cell, direction, weights))
    states, present = session.run(None, {"x": x, "lengths": np.array(lengths), "past": past})
    expected = in_a_loop(cell, x, lengths, past, weights)
    np.testing.assert_allclose(states, expected, rtol=0, atol=1e-5)
    for place, ends in enumerate(present):
        for row, length in enumerate(lengths):
            at = 0 if place else length - 1
            np.testing.assert_allclose(ends[row], expected[at, place, row], rtol=0, atol=1e-5)


@pytest.mark.parametrize("operators", [["Mul", "Add", "Add"], ["Mul", "Sub", "Identity"], ["Mul", "Add"]])
def test_a_scan_with_another_body_is_not_run(operators: list[str]) -> None:
    content = graph_of("mingru", "forward", weights_of("mingru", "forward", 0))
    check_graph(content, "graph")
    model = onnx.load_from_string(content)
    (scan,) = (node for node in model.graph.node if node.op_type == "Scan")
    body = next(attribute.g for attribute in scan.attribute if attribute.name == "body")
    for node, operator in zip(body.node, operators, strict=False):
        node.op_type = operator
    del body.node[len(operators) :]
    with pytest.raises(ArtefactError, match="Scan is not in the form in which Recurra writes it"):
        check_graph(model.SerializeToString(), "graph")
