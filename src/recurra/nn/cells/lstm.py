"""Long short-term memory with a forget gate (Hochreiter and Schmidhuber, 1997; Gers et al., 2000: Learning to forget).

i = sigmoid(W_ii x + b_ii + W_hi h + b_hi)            input gate
f = sigmoid(W_if x + b_if + W_hf h + b_hf)            forget gate
g = tanh(W_ig x + b_ig + W_hg h + b_hg)               candidate
o = sigmoid(W_io x + b_io + W_ho h + b_ho)            output gate
c' = f * c + i * g
h' = o * tanh(c')
"""

from __future__ import annotations

import torch
from torch import Tensor

from recurra.nn.cells.cell import Cell, State


class LSTMCell(Cell):
    """Two states, three gates: `c` carries what is remembered, `h` what is shown."""

    gates = 4
    states = 2
    forget_gate = 1

    @staticmethod
    def advance(from_x: Tensor, from_h: Tensor, state: State) -> State:
        _, c = state
        i, f, g, o = (from_x + from_h).chunk(4, dim=-1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(c), c

    @staticmethod
    def retreat(
        from_x: Tensor, from_h: Tensor, before: State, after: State, by_after: State
    ) -> tuple[Tensor, Tensor, State]:
        i, f, g, o = (from_x + from_h).chunk(4, dim=-1)
        i, f, g, o = torch.sigmoid(i), torch.sigmoid(f), torch.tanh(g), torch.sigmoid(o)
        shown = torch.tanh(after[1])
        by_h, by_c = by_after
        by_c = by_c + by_h * o * (1 - shown * shown)
        by_gates = torch.cat(
            [
                by_c * g * i * (1 - i),
                by_c * before[1] * f * (1 - f),
                by_c * i * (1 - g * g),
                by_h * shown * o * (1 - o),
            ],
            dim=-1,
        )
        return by_gates, by_gates, (torch.zeros_like(by_h), by_c * f)
