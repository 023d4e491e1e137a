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
    """Two states, three gates: `c` is the memory, `h` the output."""

    gates = recurrent_gates = 4
    states = 2
    forget_gate = 1

    @staticmethod
    def forward(from_x: Tensor, from_h: Tensor, state: State) -> State:
        _, c = state
        i, f, g, o = (from_x + from_h).chunk(4, dim=-1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(c), c

    @staticmethod
    def backward(
        from_x: Tensor, from_h: Tensor, state: State, next_state: State, grad_next: State
    ) -> tuple[Tensor, Tensor, State]:
        i, f, g, o = (from_x + from_h).chunk(4, dim=-1)
        i, f, g, o = torch.sigmoid(i), torch.sigmoid(f), torch.tanh(g), torch.sigmoid(o)
        tanh_c = torch.tanh(next_state[1])
        grad_h, grad_c = grad_next
        grad_c = grad_c + grad_h * o * (1 - tanh_c * tanh_c)
        grad_gates = torch.cat(
            [
                grad_c * g * i * (1 - i),
                grad_c * state[1] * f * (1 - f),
                grad_c * i * (1 - g * g),
                grad_h * tanh_c * o * (1 - o),
            ],
            dim=-1,
        )
        return grad_gates, grad_gates, (torch.zeros_like(grad_h), grad_c * f)
