"""Walk a cell over ragged batches, in one direction or two, through any number of layers. No masks: see `batch.py`."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn

from recurra.nn.cells import CELLS, Cell, Weights
from recurra.nn.directions import walk_both
from recurra.nn.dropout import LockedDropout


class Direction(nn.Module):
    """The weights of one direction of one layer, with torch's names, layout and gate order."""

    def __init__(self, cell: type[Cell], inputs: int, hidden: int) -> None:
        super().__init__()
        rows = cell.gates * hidden
        bound = 1 / math.sqrt(hidden)  # the usual initial range of recurrent weights
        self.weight_ih = nn.Parameter(torch.empty(rows, inputs).uniform_(-bound, bound))
        self.weight_hh = nn.Parameter(torch.empty(rows, hidden).uniform_(-bound, bound))
        self.bias_ih = nn.Parameter(torch.empty(rows).uniform_(-bound, bound))
        self.bias_hh = nn.Parameter(torch.empty(rows).uniform_(-bound, bound))

    def weights(self) -> Weights:
        return Weights(self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh)


class Layer(nn.Module):
    """One recurrent layer: x [B, T, D], reversed_index [B, T] -> [B, T, H], or [B, T, 2H] with both directions."""

    def __init__(self, cell: type[Cell], inputs: int, hidden: int, both: bool) -> None:
        super().__init__()
        self.cell = cell
        self.left_to_right = Direction(cell, inputs, hidden)
        self.right_to_left = Direction(cell, inputs, hidden) if both else None

    def forward(self, x: Tensor, reversed_index: Tensor) -> Tensor:
        if self.right_to_left is None:
            return self.cell.walk(x, self.left_to_right.weights())
        weights = self.left_to_right.weights(), self.right_to_left.weights()
        ahead, back = walk_both(self.cell, x, _reverse(x, reversed_index), weights)
        return torch.cat([ahead, _reverse(back, reversed_index)], dim=-1)


class Recurrent(nn.Module):
    """A stack of recurrent layers.

    cell: a name in `CELLS`. inputs: D of the first layer; a later layer reads what the one before returns.
    dropout: share of the values between layers that is dropped while training.
    """

    def __init__(
        self, cell: str, inputs: int, hidden: int, *, layers: int = 1, both: bool = True, dropout: float = 0.0
    ) -> None:
        super().__init__()
        self.cell = CELLS[cell]
        self.both = both
        self.features = hidden * (2 if both else 1)
        self.dropout = LockedDropout(dropout)
        widths = [inputs] + [self.features] * (layers - 1)
        self.layers = nn.ModuleList(Layer(self.cell, width, hidden, both) for width in widths)

    def forward(self, x: Tensor, reversed_index: Tensor) -> Tensor:
        """Return the top layer's outputs at every step.

        x: [B, T, D]; reversed_index: [B, T], from `Batch.reversed_index`. Returns [B, T, H] or, with both directions,
        [B, T, 2H]: forward, then backward. What stands beyond a sequence's length is without meaning.
        """
        for depth, layer in enumerate(self.layers):
            x = layer(self.dropout(x) if depth else x, reversed_index)
        return x


def _reverse(x: Tensor, index: Tensor) -> Tensor:
    return _Reverse.apply(x, index)  # type: ignore[no-any-return, no-untyped-call]


class _Reverse(torch.autograd.Function):
    """Reorder steps by an index that is its own inverse: the gradient is reordered by the same index.

    (The gradient of a general `gather` adds up where indices repeat, and costs several times as much.)
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, index: Tensor) -> Tensor:
        """x: [B, T, F]; index: [B, T]."""
        ctx.save_for_backward(index)
        return _reordered(x, index)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        (index,) = ctx.saved_tensors
        return _reordered(gradients[0], index), None


def _reordered(x: Tensor, index: Tensor) -> Tensor:
    rows = torch.arange(len(x), device=x.device)[:, None] * x.shape[1]
    return x.reshape(-1, x.shape[2]).index_select(0, (index + rows).reshape(-1)).reshape(x.shape)
