"""Values, constants and optional states of a graph, by what ONNX Runtime makes of them."""

from __future__ import annotations

import numpy as np
import onnx

from recurra.export.graph_builder import FLOATS, INTEGERS, GraphBuilder
from recurra.export.serialise import serialise
from recurra.inference.session import open_graph


def test_a_linear_layer_and_the_steps_of_a_batch() -> None:
    rng = np.random.default_rng(0)
    weight, bias = rng.normal(size=(3, 4)).astype(np.float32), rng.normal(size=3).astype(np.float32)
    graph = GraphBuilder()
    assert graph.input("x", FLOATS, ["batch", "time", 4]) == "x"
    graph.output("y", FLOATS, ["batch", "time", 3])
    graph.output("steps", INTEGERS, ["time"])
    assert graph.linear("head", "x", weight, bias, "y") == "y"
    graph.node("Identity", [graph.steps("x")], "steps")
    x = rng.normal(size=(2, 5, 4)).astype(np.float32)
    y, steps = open_graph(serialise(graph)).run(["y", "steps"], {"x": x})
    np.testing.assert_allclose(y, x @ weight.T + bias, atol=1e-6)
    assert steps.tolist() == [0, 1, 2, 3, 4]


def test_a_state_may_be_left_out_and_is_then_that_of_an_empty_stream() -> None:
    graph = GraphBuilder()
    graph.input("x", FLOATS, ["batch", 2])
    past = graph.optional_state("sum", np.zeros((1, 2)), rows=0)
    graph.node("Add", [past, graph.double("x")], "present.sum")
    session = open_graph(serialise(graph))
    x = np.array([[1, 2], [3, 4]], dtype=np.float32)
    (total,) = session.run(["present.sum"], {"x": x})
    assert total.tolist() == [[1, 2], [3, 4]] and total.dtype == np.float64
    assert session.run(["present.sum"], {"x": x, "past.sum": total})[0].tolist() == [[2, 4], [6, 8]]


def test_equal_constants_are_kept_once_and_nodes_have_names_of_their_own() -> None:
    graph = GraphBuilder()
    graph.input("x", FLOATS, ["batch", 1])
    graph.output("y", FLOATS, ["batch", 1])
    once = graph.node("Unsqueeze", ["x", graph.ints([1])])
    twice = graph.node("Unsqueeze", [once, graph.ints([1])])
    graph.node("Squeeze", [twice, graph.ints([1, 2])], "y")
    plain = onnx.load_from_string(serialise(graph, "squeezed")).graph
    assert plain.name == "squeezed"
    assert [tensor.name for tensor in plain.initializer] == ["ints_1", "ints_1_2"]
    assert len({node.name for node in plain.node}) == len(plain.node) == 3
