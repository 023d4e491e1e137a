"""The minimal gated recurrent unit (Feng et al., 2024: Were RNNs all we needed?).

z = sigmoid(W_z x + b_z)                              update gate
n = W_n x + b_n                                       candidate
h' = (1 - z) * h + z * n

Gate and candidate read the input alone, so that one product makes them for all steps, and what is left is a sum that a
scan computes. The candidate is linear, as in the paper's first form (section 3.1, appendix A); its other form makes
candidates positive in order to scan logarithms. The scans here multiply and add the states themselves, and divide by
nothing, so that logarithms would only cost, and take away the sign of a state.
"""

from __future__ import annotations

import torch
from torch import Tensor

from recurra.nn.cells.cell import ScannedCell, State


class MinGRUCell(ScannedCell):
    """One state, one gate: two thirds of a GRU's input weights, and no recurrent ones."""

    gates = 2

    @staticmethod
    def gated(from_x: Tensor) -> tuple[Tensor, Tensor]:
        x_z, n = from_x.chunk(2, dim=-1)
        z = torch.sigmoid(x_z)
        return 1 - z, z * n

    @staticmethod
    def backward(
        from_x: Tensor, from_h: Tensor, state: State, next_state: State, grad_next: State
    ) -> tuple[Tensor, Tensor, State]:
        x_z, n = from_x.chunk(2, dim=-1)
        z = torch.sigmoid(x_z)
        (grad_h,) = grad_next
        grad_z = grad_h * (n - state[0]) * z * (1 - z)
        return torch.cat([grad_z, grad_h * z], dim=-1), torch.zeros_like(from_h), (grad_h * (1 - z),)
