"""The gated recurrent unit (Cho et al., 2014: Learning phrase representations using RNN encoder-decoder).

r = sigmoid(W_ir x + b_ir + W_hr h + b_hr)            reset gate
z = sigmoid(W_iz x + b_iz + W_hz h + b_hz)            update gate
n = tanh(W_in x + b_in + r * (W_hn h + b_hn))         candidate; the reset applies after the product, as in cuDNN
h' = (1 - z) * n + z * h
"""

from __future__ import annotations

import torch
from torch import Tensor

from recurra.nn.cells.cell import Cell, State, Weights


class GRUCell(Cell):
    """One state, two gates: three quarters of an LSTM's work."""

    gates = 3
    states = 1

    @staticmethod
    def step(x: Tensor, state: State, weights: Weights) -> State:
        (h,) = state
        x_r, x_z, x_n = weights.from_input(x).chunk(3, dim=-1)
        h_r, h_z, h_n = weights.from_hidden(h).chunk(3, dim=-1)
        r = torch.sigmoid(x_r + h_r)
        z = torch.sigmoid(x_z + h_z)
        n = torch.tanh(x_n + r * h_n)
        return ((1 - z) * n + z * h,)

    @staticmethod
    def walk(x: Tensor, weights: Weights) -> Tensor:
        h = x.new_zeros(1, x.shape[0], weights.hidden_size)
        return torch.gru(x, h, list(weights), True, 1, 0.0, False, False, True)[0]
