"""The gated recurrent unit (Cho et al., 2014: Learning phrase representations using RNN encoder-decoder).

r = sigmoid(W_ir x + b_ir + W_hr h + b_hr)            reset gate
z = sigmoid(W_iz x + b_iz + W_hz h + b_hz)            update gate
n = tanh(W_in x + b_in + r * (W_hn h + b_hn))         candidate; the reset applies after the product, as in cuDNN
h' = (1 - z) * n + z * h
"""

from __future__ import annotations

import torch
from torch import Tensor

from recurra.nn.cells.cell import Cell, State


class GRUCell(Cell):
    """One state, two gates: three quarters of an LSTM's work."""

    gates = recurrent_gates = 3
    states = 1

    @staticmethod
    def forward(from_x: Tensor, from_h: Tensor, state: State) -> State:
        (h,) = state
        x_r, x_z, x_n = from_x.chunk(3, dim=-1)
        h_r, h_z, h_n = from_h.chunk(3, dim=-1)
        r = torch.sigmoid(x_r + h_r)
        z = torch.sigmoid(x_z + h_z)
        n = torch.tanh(x_n + r * h_n)
        return ((1 - z) * n + z * h,)

    @staticmethod
    def backward(
        from_x: Tensor, from_h: Tensor, state: State, next_state: State, grad_next: State
    ) -> tuple[Tensor, Tensor, State]:
        x_r, x_z, x_n = from_x.chunk(3, dim=-1)
        h_r, h_z, h_n = from_h.chunk(3, dim=-1)
        r, z = torch.sigmoid(x_r + h_r), torch.sigmoid(x_z + h_z)
        n = torch.tanh(x_n + r * h_n)
        (grad_h,) = grad_next
        grad_n = grad_h * (1 - z) * (1 - n * n)
        grad_r = grad_n * h_n * r * (1 - r)
        grad_z = grad_h * (state[0] - n) * z * (1 - z)
        grad_from_x = torch.cat([grad_r, grad_z, grad_n], dim=-1)
        grad_from_h = torch.cat([grad_r, grad_z, grad_n * r], dim=-1)
        return grad_from_x, grad_from_h, (grad_h * z,)
