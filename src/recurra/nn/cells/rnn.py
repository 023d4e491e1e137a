"""The simple recurrent cell (Elman, 1990: Finding structure in time).

h' = tanh(W_ih x + b_ih + W_hh h + b_hh)
"""

from __future__ import annotations

import torch
from torch import Tensor

from recurra.nn.cells.cell import Cell, State


class RNNCell(Cell):
    """One state, no gates: cheap, with a short memory."""

    gates = recurrent_gates = 1
    states = 1

    @staticmethod
    def forward(from_x: Tensor, from_h: Tensor, state: State) -> State:
        return (torch.tanh(from_x + from_h),)

    @staticmethod
    def backward(
        from_x: Tensor, from_h: Tensor, state: State, next_state: State, grad_next: State
    ) -> tuple[Tensor, Tensor, State]:
        (h,), (grad_h,) = next_state, grad_next
        grad_gates = grad_h * (1 - h * h)
        return grad_gates, grad_gates, (torch.zeros_like(grad_h),)
