"""What every recurrent cell offers: one readable step, and its gradient.

Shapes: B batch, T time, D input features, H hidden features, G gates of the cell.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import NamedTuple

from torch import Tensor
from torch.nn import functional

State = tuple[Tensor, ...]
"""The cell's states, each [B, H]; the first is what the next layer sees."""


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
        return self.weight_hh.shape[1]

    def from_input(self, x: Tensor) -> Tensor:
        """[..., D] -> [..., G*H]"""
        return functional.linear(x, self.weight_ih, self.bias_ih)

    def from_hidden(self, h: Tensor) -> Tensor:
        """[..., H] -> [..., G*H]"""
        return functional.linear(h, self.weight_hh, self.bias_hh)


class Cell(ABC):
    """A recurrent cell: pure functions of input, state and weights."""

    gates: int
    """How many blocks of H rows the weights have (G)."""
    states: int
    """How many tensors [B, H] are carried from step to step."""
    forget_gate: int | None = None
    """Which of the gates lets the memory through, if one does."""

    @classmethod
    def step(cls, x: Tensor, state: State, weights: Weights) -> State:
        """Return the state after one step. x: [B, D]."""
        return cls.advance(weights.from_input(x), weights.from_hidden(state[0]), state)

    @staticmethod
    @abstractmethod
    def advance(from_x: Tensor, from_h: Tensor, state: State) -> State:
        """Return the state after one step. from_x: W_ih x + b_ih, from_h: W_hh h + b_hh, both [..., G*H]."""

    @staticmethod
    @abstractmethod
    def retreat(
        from_x: Tensor, from_h: Tensor, before: State, after: State, by_after: State
    ) -> tuple[Tensor, Tensor, State]:
        """Return the gradients by from_x, by from_h and by the state before.

        What reaches the state before through W_hh is left out of the last: the walk adds it.
        before, after: the states around a step of `advance`; by_after: the gradients by the state after it.
        """
