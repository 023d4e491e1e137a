"""A recurrent layer by torch's fused kernels: cuDNN on a GPU. Exact for ragged batches without masks.

Padding is on the right: a forward recurrence meets it after every real step. For the backward direction each sequence
is reversed within its own length, read by the same kernel, and its outputs are reversed back.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from recurra.nn.batch import Batch
from recurra.nn.cells import Weights


def fused_layer(cell: str, x: Tensor, index: Tensor, batch: Batch, weights: list[Weights]) -> Tensor:
    """Return the states of one layer [B, T, F], arbitrary in the padding; F = H or, in both directions, 2H.

    x: [U, D]; index: [B, T] rows of x; weights: of each direction, the forward one first.
    """
    values = x.index_select(0, index.flatten()).view(*index.shape, -1)  # [B, T, D]
    forward = _recurrence(cell, values, weights[0])
    if len(weights) == 1:
        return forward
    reversal = batch.reversed_index()
    backward = _reverse(_recurrence(cell, _reverse(values, reversal), weights[1]), reversal)
    return torch.cat([forward, backward], dim=-1)


def _recurrence(cell: str, x: Tensor, weights: Weights) -> Tensor:
    """Return the state after every step, from a state of zeros. x: [B, T, D] -> [B, T, H]."""
    zeros = x.new_zeros(1, x.shape[0], weights.hidden_size)
    state: Any = (zeros, zeros) if cell == "lstm" else zeros
    run: Any = {"rnn": torch.rnn_tanh, "gru": torch.gru, "lstm": torch.lstm}[cell]
    states: Tensor = run(x, state, list(weights), True, 1, 0.0, False, False, True)[0]
    return states


def _reverse(x: Tensor, index: Tensor) -> Tensor:
    return _Reverse.apply(x, index)  # type: ignore[no-any-return, no-untyped-call]


class _Reverse(torch.autograd.Function):
    """Reorder steps by an index that is its own inverse: the gradient is reordered by the same index.

    (The gradient of a general `gather` adds up where indices repeat, and costs several times as much.)
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, index: Tensor) -> Tensor:
        """x: [B, T, F]; index: [B, T]. Returns [B, T, F]."""
        ctx.save_for_backward(index)
        return _reordered(x, index)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        """gradients: the one with respect to the output, [B, T, F]. Returns that with respect to x."""
        (index,) = ctx.saved_tensors
        return _reordered(gradients[0], index), None


def _reordered(x: Tensor, index: Tensor) -> Tensor:
    """Return y [B, T, F] with y[b, t] = x[b, index[b, t]]."""
    rows = torch.arange(len(x), device=x.device)[:, None] * x.shape[1]
    return x.reshape(-1, x.shape[2]).index_select(0, (index + rows).reshape(-1)).reshape(x.shape)
