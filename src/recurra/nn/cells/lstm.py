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

from recurra.nn.cells.cell import Cell, State, Weights


class LSTMCell(Cell):
    """Two states, three gates: `c` carries what is remembered, `h` what is shown."""

    gates = 4
    states = 2

    @staticmethod
    def step(x: Tensor, state: State, weights: Weights) -> State:
        h, c = state
        i, f, g, o = (weights.from_input(x) + weights.from_hidden(h)).chunk(4, dim=-1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(c), c

    @staticmethod
    def walk(x: Tensor, weights: Weights) -> Tensor:
        zeros = x.new_zeros(1, x.shape[0], weights.hidden_size)
        return torch.lstm(x, (zeros, zeros), list(weights), True, 1, 0.0, False, False, True)[0]
