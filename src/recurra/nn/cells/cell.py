"""What every recurrent cell offers: one readable time step, and its gradient.

Shapes: B batch, D input features, H hidden features, G gates of the cell.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import NamedTuple

from torch import Tensor
from torch.nn import functional

State = tuple[Tensor, ...]
"""The cell's states, each [B, H]: (h, c) of an LSTM, else (h,). The first is the cell's output."""


class Weights(NamedTuple):
    """One direction of one layer, in torch's layout and gate order.

    weight_ih: [G*H, D]; weight_hh: [G*H, H]; bias_ih, bias_hh: [G*H].
    """

    weight_ih: Tensor
    weight_hh: Tensor
    bias_ih: Tensor
    bias_hh: Tensor

    @property
    def hidden_size(self) -> int:
        """H."""
        return self.weight_hh.shape[1]

    def from_input(self, x: Tensor) -> Tensor:
        """Return W_ih x + b_ih. x: [..., D] -> [..., G*H]."""
        return functional.linear(x, self.weight_ih, self.bias_ih)

    def from_hidden(self, h: Tensor) -> Tensor:
        """Return W_hh h + b_hh. h: [..., H] -> [..., G*H]."""
        return functional.linear(h, self.weight_hh, self.bias_hh)


class Cell(ABC):
    """A recurrent cell: pure functions of input, state and weights.

    gates: G, the number of blocks of H rows in the weights. states: the number of tensors [B, H] passed from step to
    step. forget_gate: the gate that lets the memory through, by its place among the G, or None.
    """

    gates: int
    states: int
    forget_gate: int | None = None

    @classmethod
    def step(cls, x: Tensor, state: State, weights: Weights) -> State:
        """Return the state after one step. x: [B, D]; state: each [B, H]."""
        return cls.forward(weights.from_input(x), weights.from_hidden(state[0]), state)

    @staticmethod
    @abstractmethod
    def forward(from_x: Tensor, from_h: Tensor, state: State) -> State:
        """Return the state after one step, each [..., H], in the order of `state`.

        from_x: W_ih x + b_ih; from_h: W_hh h + b_hh, both [..., G*H]; state: the state before, each [..., H].
        """

    @staticmethod
    @abstractmethod
    def backward(
        from_x: Tensor, from_h: Tensor, state: State, next_state: State, grad_next: State
    ) -> tuple[Tensor, Tensor, State]:
        """Return the gradients of the loss with respect to the arguments of `forward`: (from_x, from_h, state).

        from_x, from_h: [..., G*H], as given to `forward`; state, next_state: what it was given and what it returned,
        each [..., H]; grad_next: the gradient with respect to next_state, each [..., H].
        Returns grad_from_x and grad_from_h, [..., G*H], and grad_state, each [..., H]. As `forward` takes from_h and
        the state as separate arguments, grad_state lacks what reaches h through from_h: the caller adds
        grad_from_h W_hh to its first tensor.
        """
