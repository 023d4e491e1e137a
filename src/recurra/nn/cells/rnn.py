"""The simple recurrent cell (Elman, 1990: Finding structure in time).

h' = tanh(W_ih x + b_ih + W_hh h + b_hh)
"""

from __future__ import annotations

import torch
from torch import Tensor

from recurra.nn.cells.cell import Cell, State


class RNNCell(Cell):
    """One state, no gates: cheap, and quick to forget."""

    gates = 1
    states = 1

    @staticmethod
    def advance(from_x: Tensor, from_h: Tensor, state: State) -> State:
        return (torch.tanh(from_x + from_h),)

    @staticmethod
    def retreat(
        from_x: Tensor, from_h: Tensor, before: State, after: State, by_after: State
    ) -> tuple[Tensor, Tensor, State]:
        (h,), (by_h,) = after, by_after
        by_sum = by_h * (1 - h * h)
        return by_sum, by_sum, (torch.zeros_like(by_h),)
