"""A recurrent layer whose gates read the input alone, as nodes of an ONNX graph.

One product makes the gates of all steps. What is left of the recurrence, h' = keep * h + write, is the body of a
`Scan`, an operator of the standard: two operations on [B, H] a step, in the order of the steps, so that it is as exact
as the operator of a GRU. (A GRU's operator with recurrent weights of zeros would compute the same, in the time of a
GRU, and carry the zeros in the file.)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from onnx import GraphProto, TensorProto, helper

from recurra.export.graph_builder import FLOATS, FloatArray, GraphBuilder
from recurra.kernel.layout import DIRECTION_NAMES, GATES, Cell, Direction

Gated = tuple[str, str]
"""The names of keep and write, each [T, 1, B, H]."""


class ScannedLayer:
    """The weights of one layer among a graph's constants; `append` adds the nodes that apply them.

    weights: as `RecurrentStack.weight_shapes` names them, with PREFIX for the layer. Arguments and answers are those of
    `RecurrentLayer`.
    """

    def __init__(
        self, graph: GraphBuilder, weights: Mapping[str, FloatArray], prefix: str, cell: Cell, direction: Direction
    ) -> None:
        self._graph, self._prefix, self._cell = graph, prefix, cell
        self._names = [f"{prefix}.{name}" for name in DIRECTION_NAMES[direction]]
        self._weights = [(weights[f"{name}.weight_ih"], weights[f"{name}.bias_ih"]) for name in self._names]

    def append(
        self, x: str, *, lengths: str, initial: Sequence[str], final: Sequence[str], every_step: bool
    ) -> tuple[str, str]:
        graph, alone = self._graph, len(self._names) == 1
        states, last = f"{self._prefix}.states", final[0] if final else f"{self._prefix}.last"
        real = self._real(x, lengths) if lengths else ""
        starts = self._starts(x, initial)
        x = graph.node("Unsqueeze", [x, graph.ints([1])])  # [T, 1, B, in]
        directions = []
        for number, name in enumerate(self._names):
            weight, bias = self._weights[number]
            keep, write = CELLS[self._cell](graph, graph.linear(name, x, weight, bias))
            if real:  # a step of padding leaves the state as it is
                keep = graph.node("Where", [real, keep, graph.real(1)])
                write = graph.node("Where", [real, write, graph.real(0)])
            ends = (last, states) if alone else (f"{name}.last", f"{name}.states")
            directions.append(self._scan(name, starts[number], (keep, write), ends, real, backward=bool(number)))
        if not alone:
            graph.node("Concat", [end for end, _ in directions], last, axis=0)
            graph.node("Concat", [each for _, each in directions], states, axis=1)
        return states if every_step else "", last

    def _scan(
        self, name: str, start: str, gated: Gated, ends: tuple[str, str], real: str, *, backward: bool
    ) -> tuple[str, str]:
        """Append a scan; return the names of its last state [1, B, H] and of its states [T, 1, B, H].

        start: [1, B, H]. ends: those names. real: [T, 1, B, 1], false in the padding, where states become zero.
        """
        (last, states), each = ends, f"{ends[1]}.padded" if real else ends[1]
        reverse = {"scan_input_directions": [1, 1], "scan_output_directions": [1]} if backward else {}
        attributes = {"num_scan_inputs": 2, "body": _body(name), **reverse}
        self._graph.nodes_of("Scan", [start, *gated], [last, each], attributes)
        if real:
            self._graph.node("Where", [real, each, self._graph.real(0)], states)
        return last, states

    def _real(self, x: str, lengths: str) -> str:
        """[T, 1, B, 1] bool: which steps of x [T, B, in] lie within `lengths` [B] int32."""
        graph = self._graph
        size = graph.node("Squeeze", [graph.node("Shape", [x], start=0, end=1), graph.ints([0])])
        steps = graph.node("Range", [graph.scalar(0), size, graph.scalar(1)])
        steps = graph.node("Unsqueeze", [steps, graph.ints([1, 2, 3])])
        count = graph.node("Cast", [lengths], to=TensorProto.INT64)
        return graph.node("Less", [steps, graph.node("Unsqueeze", [count, graph.ints([0, 2])])])

    def _starts(self, x: str, initial: Sequence[str]) -> list[str]:
        """The states [1, B, H] that each direction starts from."""
        graph = self._graph
        if initial and len(self._names) == 1:
            return list(initial)
        if initial:
            names = [f"{name}.start" for name in self._names]
            graph.nodes_of("Split", initial, names, {"axis": 0})
            return names
        rows = graph.node("Shape", [x], start=1, end=2)
        hidden = len(self._weights[0][1]) // GATES[self._cell]
        zeros = graph.weight(f"zeros_{hidden}", np.zeros((1, 1, hidden), dtype=np.float32))
        size = graph.node("Concat", [graph.ints([1]), rows, graph.ints([1])], axis=0)
        return [graph.node("Expand", [zeros, size])] * len(self._names)


def _mingru(graph: GraphBuilder, from_x: str) -> Gated:
    """from_x: [T, 1, B, 2H], z and n."""
    parts = [f"{from_x}.z", f"{from_x}.n"]
    graph.nodes_of("Split", [from_x], parts, {"axis": -1})
    z = graph.node("Sigmoid", [parts[0]])
    return graph.node("Sub", [graph.real(1), z]), graph.node("Mul", [z, parts[1]])


def _minlstm(graph: GraphBuilder, from_x: str) -> Gated:
    """from_x: [T, 1, B, 3H], i, f and n. The share of i is sigmoid(log i - log f), and log i is -softplus(-W_i x)."""
    parts = [f"{from_x}.i", f"{from_x}.f", f"{from_x}.n"]
    graph.nodes_of("Split", [from_x], parts, {"axis": -1})
    input_gate, forget_gate = (graph.node("Softplus", [graph.node("Neg", [part])]) for part in parts[:2])
    share = graph.node("Sigmoid", [graph.node("Sub", [forget_gate, input_gate])])
    return graph.node("Sub", [graph.real(1), share]), graph.node("Mul", [share, parts[2]])


CELLS: dict[Cell, Callable[[GraphBuilder, str], Gated]] = {"mingru": _mingru, "minlstm": _minlstm}
"""What makes keep and write of the gates' inputs, for each cell whose gates read the input alone."""


def _body(name: str) -> GraphProto:
    """One step of one direction: h, keep, write -> h, h, each [1, B, H]. name: what the names in it begin with."""
    h, keep, write, kept, after, each = (f"{name}.{part}" for part in ("h", "keep", "write", "kept", "after", "each"))
    values = {
        part: helper.make_tensor_value_info(part, FLOATS, [1, None, None]) for part in (h, keep, write, after, each)
    }
    nodes = [
        helper.make_node("Mul", [keep, h], [kept]),
        helper.make_node("Add", [kept, write], [after]),
        helper.make_node("Identity", [after], [each]),
    ]
    return helper.make_graph(nodes, "step", [values[h], values[keep], values[write]], [values[after], values[each]])
