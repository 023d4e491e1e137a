"""A recurrent layer by PyTorch operations: all directions in one product a step, gradients by hand.

Works on any device and in any precision, and is what the kernel is tested against.
"""

from __future__ import annotations

import itertools
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from recurra.kernel.ragged import Ragged
from recurra.nn.cells import Cell, State


def reference_layer(
    cell: type[Cell], projected: Tensor, index: Tensor, lengths: Tensor, recurrent: list[tuple[Tensor, Tensor]]
) -> Tensor:
    """Return the states of one layer [B, T, F], zeros in the padding; F = H or, in both directions, 2H.

    projected: [U, directions, G, H], W_ih x + b_ih of every distinct input; index: [B, T] rows of it;
    recurrent: weight_hh [R*H, H] and bias_hh [R*H] of each direction, R the cell's recurrent gates.
    """
    ragged = Ragged.of(lengths.cpu().numpy(), index.shape[1])
    directions = range(len(recurrent))
    positions = [  # [N], in the order in which each direction reads the packed steps
        torch.from_numpy(ragged.positions(backward=bool(direction))).to(projected.device) for direction in directions
    ]
    steps = [  # [N, G*H] of each direction
        projected[:, direction].flatten(1).index_select(0, index.flatten()[positions[direction]])
        for direction in directions
    ]
    weight = torch.stack([weight for weight, _ in recurrent]).to(projected.dtype)
    bias = torch.stack([bias for _, bias in recurrent])[:, None].to(projected.dtype)
    states: Tensor = _ReferenceLayer.apply(  # type: ignore[no-untyped-call]
        cell, ragged.parts[0].offset.tolist(), torch.stack(steps), weight, bias
    )
    padded = [  # [B * T, H]
        states.new_zeros(index.numel(), states.shape[2]).index_copy(0, positions[direction], states[direction])
        for direction in directions
    ]
    return torch.cat(padded, dim=-1).view(*index.shape, -1)


class _ReferenceLayer(torch.autograd.Function):
    """The recurrence over packed steps: x [directions, N, G*H] -> h [directions, N, H], in float32 or better."""

    @staticmethod
    def forward(ctx: Any, cell: type[Cell], offset: list[int], x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        """offset: first packed step of each time step; weight: [directions, R*H, H]; bias: [directions, 1, R*H]."""
        exact = torch.promote_types(x.dtype, torch.float32)
        directions, total, hidden = len(weight), x.shape[1], weight.shape[2]
        saved = [x.new_empty(directions, total, hidden, dtype=exact) for _ in range(cell.states)]
        from_h = x.new_empty(directions, total, weight.shape[1], dtype=exact)
        transposed = weight.transpose(1, 2)
        state: State = tuple(x.new_zeros(directions, offset[1], hidden, dtype=exact) for _ in saved)
        for begin, end in itertools.pairwise(offset):
            state = tuple(tensor[:, : end - begin] for tensor in state)
            now = from_h[:, begin:end]
            now.copy_(torch.baddbmm(bias, state[0].to(weight.dtype), transposed))
            state = cell.forward(x[:, begin:end].to(exact), now, state)
            for whole, tensor in zip(saved, state, strict=True):
                whole[:, begin:end] = tensor
        ctx.cell, ctx.offset = cell, offset
        ctx.save_for_backward(x, weight, from_h, *saved)
        return saved[0]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        """gradients: the one with respect to h, [directions, N, H]. Returns those of x, weight and bias."""
        (grad_h,) = gradients
        x, weight, from_h, *saved = ctx.saved_tensors
        offset, cell = ctx.offset, ctx.cell
        grad_x, grad_from_h = torch.empty_like(x, dtype=from_h.dtype), torch.empty_like(from_h)
        before = [torch.zeros_like(tensor) for tensor in saved]  # each packed step's state before it
        grad_state = [tensor.new_zeros(tensor.shape[0], offset[1], tensor.shape[2]) for tensor in saved]
        for t in range(len(offset) - 2, -1, -1):
            begin, end = offset[t], offset[t + 1]
            rows = end - begin
            for whole, tensor in zip(before, saved, strict=True):
                if t:
                    whole[:, begin:end] = tensor[:, offset[t - 1] : offset[t - 1] + rows]
            grad_state[0][:, :rows] += grad_h[:, begin:end]
            grad_x[:, begin:end], grad_now, grad_before = cell.backward(
                x[:, begin:end].to(from_h.dtype),
                from_h[:, begin:end],
                tuple(tensor[:, begin:end] for tensor in before),
                tuple(tensor[:, begin:end] for tensor in saved),
                tuple(tensor[:, :rows] for tensor in grad_state),
            )
            grad_from_h[:, begin:end] = grad_now
            for whole, tensor in zip(grad_state, grad_before, strict=True):
                whole[:, :rows] = tensor
            grad_state[0][:, :rows] += torch.bmm(grad_now.to(weight.dtype), weight)
        narrow = grad_from_h.to(weight.dtype)
        grad_weight = torch.bmm(narrow.transpose(1, 2), before[0].to(weight.dtype))
        return None, None, grad_x.to(x.dtype), grad_weight, grad_from_h.sum(1, keepdim=True).to(weight.dtype)
