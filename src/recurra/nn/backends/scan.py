"""A recurrent layer whose gates read the input alone, by PyTorch operations over all steps: any device, any precision.

Such a layer is h_t = keep_t * h_{t-1} + write_t, with keep and write known for all t. Where one operation on all steps
costs little more than on one, as on a GPU, a parallel scan needs log2(T) of them (Hillis and Steele, 1986: Data
parallel algorithms; Blelloch, 1990: Prefix sums and their applications). On a CPU, one pass over the steps does the
least work.
"""

from __future__ import annotations

from typing import Any, cast

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from recurra.nn.batch import Batch
from recurra.nn.cells import CELLS, ScannedCell


def scan_layer(cell: str, projected: Tensor, index: Tensor, batch: Batch) -> Tensor:
    """Return the states of one layer [B, T, F], arbitrary in the padding; F = H or, in both directions, 2H.

    projected: [U, directions, G, H], W_ih x + b_ih of every distinct input; index: [B, T] rows of it.
    """
    exact = torch.promote_types(projected.dtype, torch.float32)
    steps = projected.index_select(0, index.t().flatten()).view(*index.t().shape, *projected.shape[1:])
    outputs = []
    for direction in range(projected.shape[1]):
        from_x = steps[:, :, direction].flatten(2).to(exact)  # [T, B, G*H]
        if direction:
            from_x = from_x.flip(0)
        keep, write = cast(type[ScannedCell], CELLS[cell]).gated(from_x)
        if direction:  # padding comes first here: the state stays zero through it
            write = write.masked_fill(~batch.mask().t().flip(0)[:, :, None], 0)
        states = scan(keep, write, torch.zeros_like(write[0]))
        outputs.append(states.flip(0) if direction else states)
    return torch.cat(outputs, dim=-1).transpose(0, 1)


def scan(keep: Tensor, write: Tensor, start: Tensor) -> Tensor:
    """Return h_t = keep_t * h_{t-1} + write_t for all steps t, with h_{-1} = start.

    keep, write: [T, ...]; start: [...]. Returns [T, ...].
    """
    return _Scan.apply(keep, write, start)  # type: ignore[no-any-return, no-untyped-call]


class _Scan(torch.autograd.Function):
    """The gradient of a scan is a scan from the last step to the first."""

    @staticmethod
    def forward(ctx: Any, keep: Tensor, write: Tensor, start: Tensor) -> Tensor:
        states = _scanned(keep, write, start)
        ctx.save_for_backward(keep, states, start)
        return states

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """gradients: the one with respect to the states, [T, ...]. Returns those of keep, write and start."""
        keep, states, start = ctx.saved_tensors
        later = torch.cat([keep[1:], torch.zeros_like(keep[:1])]).flip(0)  # what the step after keeps of a state
        grad_write = _scanned(later, gradients[0].flip(0), torch.zeros_like(start)).flip(0)
        before = torch.cat([start[None], states[:-1]])
        return grad_write * before, grad_write, grad_write[0] * keep[0]


def _scanned(keep: Tensor, write: Tensor, start: Tensor) -> Tensor:
    return (scanned_in_turn if keep.device.type == "cpu" else scanned_by_doubling)(keep, write, start)


def scanned_in_turn(keep: Tensor, write: Tensor, start: Tensor) -> Tensor:
    """Return what `scan` does, without a gradient, in T operations on one step each."""
    states, state = torch.empty_like(write), start
    for t in range(len(write)):
        state = torch.addcmul(write[t], keep[t], state, out=states[t])
    return states


def scanned_by_doubling(keep: Tensor, write: Tensor, start: Tensor) -> Tensor:
    """Return what `scan` does, without a gradient, in log2(T) operations on all steps."""
    states = torch.cat([torch.addcmul(write[:1], keep[:1], start[None]), write[1:]])
    span = 1
    while span < len(states):  # before each round, a step has taken in `span` steps: itself and those before it
        states = torch.cat([states[:span], torch.addcmul(states[span:], keep[span:], states[:-span])])
        keep = torch.cat([keep[:span], keep[span:] * keep[:-span]])
        span *= 2
    return states
