"""The minimal long short-term memory (Feng et al., 2024: Were RNNs all we needed?).

i = sigmoid(W_i x + b_i)                              input gate
f = sigmoid(W_f x + b_f)                              forget gate
n = W_n x + b_n                                       candidate
h' = f / (f + i) * h + i / (f + i) * n

The paper's length-independent form: the two gates share one whole between them, so that a state is a mean of the
candidates, however long the sequence. The candidate is linear, for the reasons that `mingru.py` gives. Both gates may
round to zero where their quotient does not: i / (f + i) is sigmoid(log i - log f).
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from recurra.nn.cells.cell import ScannedCell, State


class MinLSTMCell(ScannedCell):
    """One state, two gates: three quarters of an LSTM's input weights, and no recurrent ones."""

    gates = 3
    forget_gate = 1

    @staticmethod
    def gated(from_x: Tensor) -> tuple[Tensor, Tensor]:
        i, f, n = from_x.chunk(3, dim=-1)
        share = torch.sigmoid(functional.logsigmoid(i) - functional.logsigmoid(f))
        return 1 - share, share * n

    @staticmethod
    def backward(
        from_x: Tensor, from_h: Tensor, state: State, next_state: State, grad_next: State
    ) -> tuple[Tensor, Tensor, State]:
        i, f, n = from_x.chunk(3, dim=-1)
        share = torch.sigmoid(functional.logsigmoid(i) - functional.logsigmoid(f))
        (grad_h,) = grad_next
        grad_logs = grad_h * (n - state[0]) * share * (1 - share)
        grad_gates = [grad_logs * torch.sigmoid(-i), -grad_logs * torch.sigmoid(-f), grad_h * share]
        return torch.cat(grad_gates, dim=-1), torch.zeros_like(from_h), (grad_h * (1 - share),)
