"""What every recurrent cell offers: one readable step, and the same walk over all steps by torch's fused kernel.

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

    @staticmethod
    @abstractmethod
    def step(x: Tensor, state: State, weights: Weights) -> State:
        """Return the state after one step. x: [B, D]."""

    @staticmethod
    @abstractmethod
    def walk(x: Tensor, weights: Weights) -> Tensor:
        """Return the first state after every step, from a state of zeros. x: [B, T, D] -> [B, T, H]."""
