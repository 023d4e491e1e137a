"""Walk a cell over ragged batches, in one direction or two, through any number of layers. No masks: see `ragged.py`."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from recurra.kernel.layout import Pick
from recurra.nn.backends.choice import chosen_path
from recurra.nn.backends.fused import vendor_layer
from recurra.nn.backends.kernel import kernel_layer
from recurra.nn.backends.reference import torch_layer
from recurra.nn.batch import Batch
from recurra.nn.cells import CELLS, Cell, Weights
from recurra.nn.dropout import LockedDropout
from recurra.nn.reduce import picked
from recurra.nn.shape_buckets import rounded_up


class Direction(nn.Module):
    """The weights of one direction of one layer, with torch's names, layout and gate order.

    They start so that a long memory is possible: recurrent weights orthogonal (Saxe et al., 2014: Exact solutions to
    the nonlinear dynamics of learning in deep linear neural networks), input weights by Glorot and Bengio (2010),
    biases 0 but for an LSTM's forget gate, which starts open (Jozefowicz et al., 2015: An empirical exploration of
    recurrent network architectures).
    """

    def __init__(self, cell: type[Cell], inputs: int, hidden: int) -> None:
        super().__init__()
        rows = cell.gates * hidden
        self.weight_ih = nn.Parameter(nn.init.xavier_uniform_(torch.empty(rows, inputs)))
        self.weight_hh = nn.Parameter(nn.init.orthogonal_(torch.empty(rows, hidden)))
        self.bias_ih = nn.Parameter(torch.zeros(rows))
        self.bias_hh = nn.Parameter(torch.zeros(rows))
        if cell.forget_gate is not None:
            with torch.no_grad():
                self.bias_ih[cell.forget_gate * hidden : (cell.forget_gate + 1) * hidden] = 1

    def weights(self) -> Weights:
        return Weights(self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh)


class Layer(nn.Module):
    """One recurrent layer of F features: H, or 2H with both directions, the forward one first."""

    def __init__(self, cell: str, inputs: int, hidden: int, both: bool) -> None:
        super().__init__()
        self.cell = cell
        self.left_to_right = Direction(CELLS[cell], inputs, hidden)
        self.right_to_left = Direction(CELLS[cell], inputs, hidden) if both else None

    def weights(self) -> list[Weights]:
        """Return the weights of each direction."""
        both = [self.left_to_right] if self.right_to_left is None else [self.left_to_right, self.right_to_left]
        return [direction.weights() for direction in both]

    def forward(self, x: Tensor, index: Tensor, batch: Batch, pick: Pick) -> Tensor:
        """x: [U, D], index: [B, T] int32 rows of x. Returns [B, T, F], or [B, ..] of what is picked."""
        weights = self.weights()
        path = chosen_path(x, self.cell)
        if path == "vendor":
            return picked(vendor_layer(self.cell, x, index, batch, weights), batch.lengths, pick, len(weights) == 2)
        if room := rounded_up(len(x)) - len(x):
            x = functional.pad(x, (0, 0, 0, room))
        projected = functional.linear(
            x, torch.cat([each.weight_ih for each in weights]), torch.cat([each.bias_ih for each in weights])
        ).view(len(x), len(weights), CELLS[self.cell].gates, -1)  # [U, directions, G, H]
        recurrent = [(each.weight_hh, each.bias_hh) for each in weights]
        if path == "torch":
            states = torch_layer(CELLS[self.cell], projected, index, batch.lengths, recurrent)
            return picked(states, batch.lengths, pick, len(weights) == 2)
        return kernel_layer(self.cell, projected, index, batch.lengths, recurrent, pick)


class Recurrent(nn.Module):
    """A stack of recurrent layers.

    cell: a name in `CELLS`. inputs: D of the first layer; a later layer reads what the one before returns.
    dropout: share of the values between layers that is dropped while training.
    """

    def __init__(
        self, cell: str, inputs: int, hidden: int, *, layers: int = 1, both: bool = True, dropout: float = 0.0
    ) -> None:
        super().__init__()
        self.both = both
        self.features = hidden * (2 if both else 1)
        self.dropout = LockedDropout(dropout)
        widths = [inputs] + [self.features] * (layers - 1)
        self.layers = nn.ModuleList(Layer(cell, width, hidden, both) for width in widths)

    def forward(self, x: Tensor, index: Tensor, batch: Batch, pick: Pick = "all") -> Tensor:
        """Return the top layer's outputs: [B, T, F], at every step, or [B, PICKED * F], what is picked of each unit.

        x: [U, D] distinct inputs, each multiplied by the weights once; index: [B, T] int32, where each step finds its
        own among them. F is H or, with both directions, 2H: forward, then backward. What stands in [B, T, F] beyond a
        sequence's length is without meaning; the last output of the backward direction is that at the first step.
        """
        for depth, layer in enumerate(self.layers):
            if depth:
                x = self.dropout(x).flatten(0, 1)  # [B * T, F]
                index = torch.arange(len(x), dtype=torch.int32, device=x.device).view(index.shape)
            x = layer(x, index, batch, pick if depth == len(self.layers) - 1 else "all")
        return x
