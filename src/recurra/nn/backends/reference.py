"""A recurrent layer by PyTorch operations: all directions in one product a step, gradients by hand.

Works on any device and in any precision, and is what the kernel is measured against.
"""

from __future__ import annotations

import itertools
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from recurra.kernel.ragged import Ragged
from recurra.nn.cells import Cell, State


def torch_layer(
    cell: type[Cell], projected: Tensor, index: Tensor, lengths: Tensor, recurrent: list[tuple[Tensor, Tensor]]
) -> Tensor:
    """Walk one layer in one direction or two and return its states [B, T, F], zeros in the padding.

    projected: [U, directions, G, H], W_ih x + b_ih of every distinct input; index: [B, T] rows of it;
    recurrent: weight_hh [G*H, H] and bias_hh [G*H] of each direction.
    """
    ragged = Ragged.of(lengths.cpu().numpy(), index.shape[1])
    directions = len(recurrent)
    orders = [ragged.places(backward=bool(direction)) for direction in range(directions)]
    places = [torch.from_numpy(order).to(projected.device) for order in orders]
    steps = [  # [N, G*H] of each direction, in the order of its walk
        projected[:, direction].flatten(1).index_select(0, index.flatten()[places[direction]])
        for direction in range(directions)
    ]
    weight = torch.stack([each[0] for each in recurrent]).to(projected.dtype)
    bias = torch.stack([each[1] for each in recurrent])[:, None].to(projected.dtype)
    states: Tensor = _TorchLayer.apply(  # type: ignore[no-untyped-call]
        cell, ragged.parts[0].offset.tolist(), torch.stack(steps), weight, bias
    )
    rows = index.numel()
    spread = [  # [B * T, H]
        states.new_zeros(rows, states.shape[2]).index_copy(0, places[direction], states[direction])
        for direction in range(directions)
    ]
    return torch.cat(spread, dim=-1).view(*index.shape, -1)


class _TorchLayer(torch.autograd.Function):
    """The recurrence over packed steps: x [directions, N, G*H] -> h [directions, N, H], in float32 or better."""

    @staticmethod
    def forward(ctx: Any, cell: type[Cell], offset: list[int], x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        """weight: [directions, G*H, H]; bias: [directions, 1, G*H]."""
        exact = torch.promote_types(x.dtype, torch.float32)
        directions, total, hidden = len(weight), x.shape[1], weight.shape[2]
        kept = [x.new_empty(directions, total, hidden, dtype=exact) for _ in range(cell.states)]
        from_h = torch.empty_like(x, dtype=exact)
        transposed = weight.transpose(1, 2)
        state: State = tuple(x.new_zeros(directions, offset[1], hidden, dtype=exact) for _ in kept)
        for begin, end in itertools.pairwise(offset):
            state = tuple(each[:, : end - begin] for each in state)
            now = from_h[:, begin:end]
            now.copy_(torch.baddbmm(bias, state[0].to(weight.dtype), transposed))
            state = cell.advance(x[:, begin:end].to(exact), now, state)
            for whole, each in zip(kept, state, strict=True):
                whole[:, begin:end] = each
        ctx.cell, ctx.offset = cell, offset
        ctx.save_for_backward(x, weight, from_h, *kept)
        return kept[0]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        (by_h,) = gradients
        x, weight, from_h, *kept = ctx.saved_tensors
        offset, cell = ctx.offset, ctx.cell
        by_x, by_from_h = torch.empty_like(from_h), torch.empty_like(from_h)
        before = [torch.zeros_like(each) for each in kept]
        most = offset[1]
        by_state = [each.new_zeros(each.shape[0], most, each.shape[2]) for each in kept]
        for t in range(len(offset) - 2, -1, -1):
            begin, end = offset[t], offset[t + 1]
            rows = end - begin
            for whole, each in zip(before, kept, strict=True):
                if t:
                    whole[:, begin:end] = each[:, offset[t - 1] : offset[t - 1] + rows]
            by_state[0][:, :rows] += by_h[:, begin:end]
            now, then, by_before = cell.retreat(
                x[:, begin:end].to(from_h.dtype),
                from_h[:, begin:end],
                tuple(each[:, begin:end] for each in before),
                tuple(each[:, begin:end] for each in kept),
                tuple(each[:, :rows] for each in by_state),
            )
            by_x[:, begin:end], by_from_h[:, begin:end] = now, then
            for whole, each in zip(by_state, by_before, strict=True):
                whole[:, :rows] = each
            by_state[0][:, :rows] += torch.bmm(then.to(weight.dtype), weight)
        narrow = by_from_h.to(weight.dtype)
        by_weight = torch.bmm(narrow.transpose(1, 2), before[0].to(weight.dtype))
        return None, None, by_x.to(x.dtype), by_weight, by_from_h.sum(1, keepdim=True).to(weight.dtype)
