"""Names and sizes of a recurrent layer that the kernel, the weights, the graphs and the options share."""

from __future__ import annotations

from typing import Literal

Cell = Literal["rnn", "gru", "lstm", "mingru", "minlstm"]

CELL_NAMES: dict[str, str] = {"rnn": "RNN", "gru": "GRU", "lstm": "LSTM", "mingru": "minGRU", "minlstm": "minLSTM"}
"""The cells as texts call them."""

Direction = Literal["both", "forward"]

DIRECTION_NAMES: dict[Direction, tuple[str, ...]] = {
    "both": ("left_to_right", "right_to_left"),
    "forward": ("left_to_right",),
}
"""The directions as they are called in the names of weights, in the order in which their outputs are joined."""

Reduction = Literal["all", "max", "last", "sum", "max_and_sum"]
"""How a layer's states [B, T, F] are reduced over time: `all` keeps every step; `max` and `sum` run over the real
steps; `last` is the state after a direction has read the whole sequence, at the first step for the backward one."""

REDUCED_WIDTH: dict[Reduction, int] = {"all": 1, "max": 1, "last": 1, "sum": 1, "max_and_sum": 2}
"""The width of the result of a reduction, as a multiple of F; maxima come before sums."""

GATES: dict[str, int] = {"rnn": 1, "gru": 3, "lstm": 4, "mingru": 2, "minlstm": 3}
"""The number of blocks of H rows in a cell's input weights: RNN; GRU r, z, n; LSTM i, f, g, o (torch's order); minGRU
z, n; minLSTM i, f, n."""

RECURRENT_GATES: dict[str, int] = {"rnn": 1, "gru": 3, "lstm": 4, "mingru": 0, "minlstm": 0}
"""The same of its recurrent weights: of a cell whose gates read the input alone there are none."""


def weight_kinds(cell: str) -> tuple[str, ...]:
    """Return what the weights of one direction are called, in torch's names."""
    return ("weight_ih", "weight_hh", "bias_ih", "bias_hh") if RECURRENT_GATES[cell] else ("weight_ih", "bias_ih")


MAX_ELEMENTS = 2**29
"""The most float32 numbers that fit in the 2 GiB of one ONNX file."""
