"""The simple recurrent cell (Elman, 1990: Finding structure in time).

h' = tanh(W_ih x + b_ih + W_hh h + b_hh)
"""

from __future__ import annotations

import torch
from torch import Tensor

from recurra.nn.cells.cell import Cell, State, Weights


class RNNCell(Cell):
    """One state, no gates: cheap, and quick to forget."""

    gates = 1
    states = 1

    @staticmethod
    def step(x: Tensor, state: State, weights: Weights) -> State:
        (h,) = state
        return (torch.tanh(weights.from_input(x) + weights.from_hidden(h)),)

    @staticmethod
    def walk(x: Tensor, weights: Weights) -> Tensor:
        h = x.new_zeros(1, x.shape[0], weights.hidden_size)
        return torch.rnn_tanh(x, h, list(weights), True, 1, 0.0, False, False, True)[0]
