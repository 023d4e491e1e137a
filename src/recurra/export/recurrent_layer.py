"""A recurrent layer as nodes of an ONNX graph: the standard operators RNN, GRU and LSTM, or a scan.

Time comes first in them: x [T, B, in] -> states [T, directions, B, H] and last [directions, B, H]. Two things differ
from torch: the order of the gates in a weight, and the reset gate of the GRU, which acts before the product with W_hh
unless `linear_before_reset` is 1. ONNX has no operator for a cell whose gates read the input alone:
`export/scanned_layer.py` writes it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from recurra.export.graph_builder import FloatArray, GraphBuilder
from recurra.export.scanned_layer import ScannedLayer
from recurra.kernel.layout import DIRECTION_NAMES, GATES, RECURRENT_GATES, Cell, Direction

OPERATORS: dict[Cell, str] = {"rnn": "RNN", "gru": "GRU", "lstm": "LSTM"}

GATE_ORDER: dict[Cell, tuple[int, ...]] = {"rnn": (0,), "gru": (1, 0, 2), "lstm": (0, 3, 1, 2)}
"""ONNX's gates as indices of torch's: GRU z, r, h of r, z, n; LSTM i, o, f, c of i, f, g, o."""


class RecurrentLayer:
    """The weights of one layer among a graph's constants; `append` adds the nodes that apply them.

    weights: as `RecurrentStack.weight_shapes` names them, with PREFIX for the layer.
    """

    def __init__(
        self,
        graph: GraphBuilder,
        weights: Mapping[str, FloatArray],
        prefix: str,
        cell: Cell,
        direction: Direction = "forward",
    ) -> None:
        self._scanned: ScannedLayer | None = None
        if not RECURRENT_GATES[cell]:
            self._scanned = ScannedLayer(graph, weights, prefix, cell, direction)
            return
        names = [f"{prefix}.{name}" for name in DIRECTION_NAMES[direction]]

        def stacked(kind: str) -> FloatArray:
            """[directions, G*H, ...] with the gates in ONNX's order."""
            return np.stack([reordered(weights[f"{name}.{kind}"], cell) for name in names])

        self._graph, self._prefix, self._cell, self._direction = graph, prefix, cell, direction
        self._hidden = weights[f"{names[0]}.weight_hh"].shape[1]
        self._constants = [
            graph.weight(f"{prefix}.W", stacked("weight_ih")),
            graph.weight(f"{prefix}.R", stacked("weight_hh")),
            graph.weight(f"{prefix}.B", np.concatenate([stacked("bias_ih"), stacked("bias_hh")], axis=1)),
        ]

    def append(
        self,
        x: str,
        *,
        lengths: str = "",
        initial: Sequence[str] = (),
        final: Sequence[str] = (),
        every_step: bool = True,
    ) -> tuple[str, str]:
        """Append the nodes; return the names of states [T, directions, B, H] and last [directions, B, H].

        x: [T, B, in]. lengths: [B] int32, of which each direction reads a row's real steps; "" for all T. initial: the
        states [directions, B, H] to start from, h and for the LSTM c; none for zeros. final: names for the states after
        the last step, of which there are as many. every_step: False leaves `states` out.
        """
        if self._scanned is not None:
            return self._scanned.append(x, lengths=lengths, initial=initial, final=final, every_step=every_step)
        states = f"{self._prefix}.states" if every_step else ""
        outputs = [states, *(final or [f"{self._prefix}.last"])]
        attributes: dict[str, Any] = {
            "hidden_size": self._hidden,
            "direction": "bidirectional" if self._direction == "both" else "forward",
        }
        if self._cell == "gru":
            attributes["linear_before_reset"] = 1
        inputs = [x, *self._constants, lengths, *initial]
        self._graph.nodes_of(OPERATORS[self._cell], inputs, outputs, attributes)
        return outputs[0], outputs[1]


def reordered(weight: FloatArray, cell: Cell) -> FloatArray:
    """Return a weight [G*H, ...] with its gates in ONNX's order."""
    gates = np.split(weight, GATES[cell])
    return np.concatenate([gates[index] for index in GATE_ORDER[cell]])


def joined(graph: GraphBuilder, states: str, directions: int, features: int) -> str:
    """Return the outputs of the directions side by side: [T, directions, B, H] -> [T, B, F]."""
    if directions == 1:
        return graph.node("Squeeze", [states, graph.ints([1])])
    turned = graph.node("Transpose", [states], perm=[0, 2, 1, 3])  # [T, B, directions, H]
    return graph.node("Reshape", [turned, graph.ints([0, 0, features])])


def joined_last(graph: GraphBuilder, last: str, features: int) -> str:
    """Return one state of each direction side by side: [directions, B, H] -> [B, F]."""
    turned = graph.node("Transpose", [last], perm=[1, 0, 2])  # [B, directions, H]
    return graph.node("Reshape", [turned, graph.ints([0, features])])
