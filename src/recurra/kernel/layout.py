"""The names and sizes that the kernel, the weights, the graphs and the options of a recurrent layer agree upon."""

from __future__ import annotations

from typing import Literal

Cell = Literal["rnn", "gru", "lstm"]

Direction = Literal["both", "forward"]

Pick = Literal["all", "largest", "last", "sum", "largest_and_sum"]
"""What a pooling asks of the top layer: its states at every step, or less: what is made of them for each unit. `last`:
after everything is read, so at the first step for the backward direction."""

PICKED: dict[Pick, int] = {"all": 1, "largest": 1, "last": 1, "sum": 1, "largest_and_sum": 2}
"""How many times F numbers are picked; the largest come before the sums."""

GATES: dict[str, int] = {"rnn": 1, "gru": 3, "lstm": 4}
"""How many blocks of H rows a cell's weights have: RNN; GRU r, z, n; LSTM i, f, g, o (torch's order)."""

MAX_ELEMENTS = 2**29
"""The most float32 numbers that fit in the 2 GiB of one ONNX file."""
