"""Recurrent layers over ragged batches: one direction or both, any depth.

Three levels: `DirectionWeights` are the weights of one direction, `Layer` runs one direction or two by the backend that
`backends.choice` names, `Recurrent` stacks layers. No masks: padding is on the right (see `batch.py`).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from recurra.kernel.layout import Reduction
from recurra.nn.backends.choice import choose_backend
from recurra.nn.backends.fused import fused_layer
from recurra.nn.backends.kernel import kernel_layer
from recurra.nn.backends.reference import reference_layer
from recurra.nn.backends.scan import scan_layer
from recurra.nn.batch import Batch
from recurra.nn.cells import CELLS, Cell, Weights
from recurra.nn.dropout import LockedDropout
from recurra.nn.reduce import reduce_over_time
from recurra.nn.shape_buckets import pad_to_bucket


class DirectionWeights(nn.Module):
    """The weights of one direction of one layer, with torch's names, layout and gate order.

    Initialised so that a long memory is possible: recurrent weights orthogonal (Saxe et al., 2014: Exact solutions to
    the nonlinear dynamics of learning in deep linear neural networks), input weights by Glorot and Bengio (2010),
    biases 0 but for an LSTM's forget gate, which starts open (Jozefowicz et al., 2015: An empirical exploration of
    recurrent network architectures). A cell whose gates read the input alone has no recurrent weights: they are empty,
    and no part of the state.
    """

    weight_hh: Tensor
    bias_hh: Tensor

    def __init__(self, cell: type[Cell], inputs: int, hidden: int) -> None:
        super().__init__()
        rows = cell.gates * hidden
        self.weight_ih = nn.Parameter(nn.init.xavier_uniform_(torch.empty(rows, inputs)))
        if cell.recurrent_gates:
            self.weight_hh = nn.Parameter(nn.init.orthogonal_(torch.empty(rows, hidden)))
        else:
            self.register_buffer("weight_hh", torch.empty(0, hidden), persistent=False)
        self.bias_ih = nn.Parameter(torch.zeros(rows))
        if cell.recurrent_gates:
            self.bias_hh = nn.Parameter(torch.zeros(rows))
        else:
            self.register_buffer("bias_hh", torch.empty(0), persistent=False)
        if cell.forget_gate is not None:
            with torch.no_grad():
                self.bias_ih[cell.forget_gate * hidden : (cell.forget_gate + 1) * hidden] = 1

    def weights(self) -> Weights:
        """Return the four tensors."""
        return Weights(self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh)


class Layer(nn.Module):
    """One recurrent layer of F features: H, or 2H with both directions, the forward one first."""

    def __init__(self, cell: str, inputs: int, hidden: int, both: bool) -> None:
        super().__init__()
        self.cell = cell
        self.left_to_right = DirectionWeights(CELLS[cell], inputs, hidden)
        self.right_to_left = DirectionWeights(CELLS[cell], inputs, hidden) if both else None

    def weights(self) -> list[Weights]:
        """Return the weights of each direction."""
        directions = (self.left_to_right, self.right_to_left)
        return [direction.weights() for direction in directions if direction is not None]

    def forward(self, x: Tensor, index: Tensor, batch: Batch, reduction: Reduction) -> Tensor:
        """Return the states [B, T, F], or their reduction over time [B, F or 2F].

        x: [U, D] distinct inputs; index: [B, T] int32, the row of x at each step.
        """
        weights = self.weights()
        backend = choose_backend(x, self.cell)
        if backend == "fused":
            states = fused_layer(self.cell, x, index, batch, weights)
            return reduce_over_time(states, batch.lengths, reduction, len(weights) == 2)
        projected = self._project(x, weights)
        recurrent = [(direction.weight_hh, direction.bias_hh) for direction in weights]
        if backend == "kernel":  # reduces while it runs, so that [B, T, F] need not be written
            return kernel_layer(self.cell, projected, index, batch.lengths, recurrent, reduction)
        if backend == "scan":
            states = scan_layer(self.cell, projected, index, batch)
        else:
            states = reference_layer(CELLS[self.cell], projected, index, batch.lengths, recurrent)
        return reduce_over_time(states, batch.lengths, reduction, len(weights) == 2)

    def _project(self, x: Tensor, weights: list[Weights]) -> Tensor:
        """Return W_ih x + b_ih for every direction. x: [U, D] -> [at least U, directions, G, H]."""
        if room := pad_to_bucket(len(x)) - len(x):
            x = functional.pad(x, (0, 0, 0, room))
        weight_ih = torch.cat([direction.weight_ih for direction in weights])  # [directions * G*H, D]
        bias_ih = torch.cat([direction.bias_ih for direction in weights])
        return functional.linear(x, weight_ih, bias_ih).view(len(x), len(weights), CELLS[self.cell].gates, -1)


class Recurrent(nn.Module):
    """A stack of recurrent layers.

    cell: a name in `CELLS`. inputs: D of the first layer; each later layer reads the outputs of the one below it.
    both: read each sequence in both directions. dropout: probability of dropping a value between layers in training.
    rate: factor of the learning rate.
    """

    rate = 1.0

    def __init__(
        self, cell: str, inputs: int, hidden: int, *, layers: int = 1, both: bool = True, dropout: float = 0.0
    ) -> None:
        super().__init__()
        self.both = both
        self.features = hidden * (2 if both else 1)
        self.dropout = LockedDropout(dropout)
        widths = [inputs] + [self.features] * (layers - 1)
        self.layers = nn.ModuleList(Layer(cell, width, hidden, both) for width in widths)

    def forward(self, x: Tensor, index: Tensor, batch: Batch, reduction: Reduction = "all") -> Tensor:
        """Return the top layer's states [B, T, F], or their reduction over time [B, F or 2F].

        x: [U, D] distinct inputs, each multiplied by the input weights once; index: [B, T] int32, the row of x at each
        step; F is H or, with both directions, 2H: forward, then backward. States beyond a sequence's length are
        arbitrary; the backward direction's last state is that at the first step.
        """
        for depth, layer in enumerate(self.layers):
            if depth:
                x = self.dropout(x).flatten(0, 1)  # [B * T, F]
                index = torch.arange(len(x), dtype=torch.int32, device=x.device).view(index.shape)
            x = layer(x, index, batch, reduction if depth == len(self.layers) - 1 else "all")
        return x
