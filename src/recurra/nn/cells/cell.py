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

    weight_ih: [G*H, D]; weight_hh: [R*H, H]; bias_ih: [G*H]; bias_hh: [R*H]. R, the cell's recurrent gates, is G, or 0
    where the gates read the input alone.
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
        """Return W_hh h + b_hh. h: [..., H] -> [..., R*H]."""
        return functional.linear(h, self.weight_hh, self.bias_hh)


class Cell(ABC):
    """A recurrent cell: pure functions of input, state and weights.

    gates, recurrent_gates: G and R, the numbers of blocks of H rows in the input and in the recurrent weights. states:
    the number of tensors [B, H] passed from step to step. forget_gate: the gate that lets the memory through, by its
    place among the G, or None.
    """

    gates: int
    recurrent_gates: int
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

        from_x: W_ih x + b_ih, [..., G*H]; from_h: W_hh h + b_hh, [..., R*H]; state: the state before, each [..., H].
        """

    @staticmethod
    @abstractmethod
    def backward(
        from_x: Tensor, from_h: Tensor, state: State, next_state: State, grad_next: State
    ) -> tuple[Tensor, Tensor, State]:
        """Return the gradients of the loss with respect to the arguments of `forward`: (from_x, from_h, state).

        from_x, from_h: [..., G*H] and [..., R*H], as given to `forward`; state, next_state: what it was given and what
        it returned, each [..., H]; grad_next: the gradient with respect to next_state, each [..., H].
        Returns grad_from_x [..., G*H], grad_from_h [..., R*H] and grad_state, each [..., H]. As `forward` takes from_h
        and the state as separate arguments, grad_state lacks what reaches h through from_h: the caller adds
        grad_from_h W_hh to its first tensor.
        """


class ScannedCell(Cell):
    """A cell whose gates read the input alone, so that a step is h' = keep * h + write.

    keep and write are known for all steps before the first one is taken, and a scan takes all of them
    (`backends/scan.py`).
    """

    recurrent_gates = 0
    states = 1

    @classmethod
    def forward(cls, from_x: Tensor, from_h: Tensor, state: State) -> State:  # noqa: ARG003
        keep, write = cls.gated(from_x)
        return (keep * state[0] + write,)

    @staticmethod
    @abstractmethod
    def gated(from_x: Tensor) -> tuple[Tensor, Tensor]:
        """Return keep and write, each [..., H]. from_x: W_ih x + b_ih, [..., G*H]."""
