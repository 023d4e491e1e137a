"""A recurrent layer by the compiled kernel: each direction, and each part of the batch, on a thread of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional

from recurra.kernel.layout import GATES, PICKED, Pick
from recurra.kernel.library import BLOCK, Library, Scatter, Variant, Walk, walk_of
from recurra.kernel.ragged import Part, Ragged
from recurra.nn.backends.choice import chosen_variant
from recurra.nn.shape_buckets import rounded_up

SAVED = {"rnn": 1, "gru": 4, "lstm": 4}
"""Blocks of H that the kernel keeps for each step."""

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16}

ROWS_A_PART = 6
"""Fewer rows are not worth a thread of their own: so many share the reading of the weights."""


def kernel_layer(
    cell: str,
    projected: Tensor,
    index: Tensor,
    lengths: Tensor,
    recurrent: list[tuple[Tensor, Tensor]],
    pick: Pick = "all",
) -> Tensor:
    """Walk one layer in one direction or two (F = H or 2H) and return its states.

    projected: [U, directions, G, H], W_ih x + b_ih of every distinct input; index: [B, T] int32 rows of it;
    recurrent: weight_hh [G*H, H] and bias_hh [G*H] of each direction.
    Returns [B, T, F] with zeros in the padding, in the variant's number format; or what is picked of it, float32 (as
    each direction reads).
    Raises RuntimeError where there is no kernel for these numbers.
    """
    chosen = chosen_variant(projected.dtype)
    if chosen is None or projected.device.type != "cpu":
        raise RuntimeError(f"there is no recurrent kernel for {projected.dtype} on {projected.device}")
    library, variant = chosen
    projected, index = projected.to(DTYPES[variant.dtype]), index.contiguous()
    hidden = recurrent[0][0].shape[1]
    fill = -hidden % BLOCK
    if fill:
        projected = functional.pad(projected, (0, fill))
        recurrent = [_filled(cell, weight, bias, fill) for weight, bias in recurrent]
    directions, threads = len(recurrent), torch.get_num_threads()
    parts = max(1, min(threads // directions, len(lengths) // ROWS_A_PART))
    ragged = Ragged.of(lengths.numpy(), index.shape[1], parts)
    flat = [tensor for pair in recurrent for tensor in pair]
    out: Tensor = _KernelLayer.apply(  # type: ignore[no-untyped-call]
        library, variant, cell, ragged, index, pick, threads, torch.is_grad_enabled(), projected.flatten(1), *flat
    )
    if fill:
        out = out.view(*out.shape[:-1], -1, hidden + fill)[..., :hidden].flatten(-2)
    return out


def _filled(cell: str, weight: Tensor, bias: Tensor, fill: int) -> tuple[Tensor, Tensor]:
    """Add units whose weights are zero: they stay zero in every cell."""
    blocks = weight.view(GATES[cell], -1, weight.shape[1]), bias.view(GATES[cell], -1)
    return functional.pad(blocks[0], (0, fill, 0, fill)).flatten(0, 1), functional.pad(blocks[1], (0, fill)).flatten()


class _KernelLayer(torch.autograd.Function):
    """The recurrence of one layer, all directions."""

    @staticmethod
    def forward(
        ctx: Any,
        library: Library,
        variant: Variant,
        cell: str,
        ragged: Ragged,
        index: Tensor,
        pick: Pick,
        threads: int,
        recording: bool,
        projected: Tensor,
        *recurrent: Tensor,
    ) -> Tensor:
        recording = recording and any(ctx.needs_input_grad)
        weights, biases = recurrent[::2], recurrent[1::2]
        hidden, directions, gates = weights[0].shape[1], len(weights), GATES[cell]
        projected, dtype = projected.contiguous(), DTYPES[variant.dtype]
        width = directions * hidden * PICKED[pick]
        shape = (ragged.batch, ragged.time, width) if pick == "all" else (ragged.batch, width)
        out = torch.empty(shape, dtype=dtype if pick == "all" else torch.float32)
        where = torch.empty(shape if pick != "all" else 0, dtype=torch.int32)
        kept = rounded_up(ragged.total) if recording else 2 * ragged.batch
        saved = torch.empty(directions, kept if recording else 0, SAVED[cell] * hidden, dtype=dtype)
        cells = kept if cell == "lstm" else 2 * ragged.batch
        state = torch.empty(directions, cells if cell != "rnn" else 0, hidden)
        previous = torch.empty(directions, kept, hidden, dtype=dtype)
        if recording:
            saved[:, ragged.total :] = 0
            previous[:, ragged.total :] = 0
        packed = [_packed(library.pack_ahead, variant, cell, weight) for weight in weights]
        started = [bias.float().contiguous() for bias in biases]

        def walk(direction: int, part: Part) -> Walk:
            two_steps = 2 * sum(len(p.row) for p in ragged.parts if p.begin < part.begin)
            begin = part.begin if recording else two_steps
            made = _walk_of(ragged, part, direction, hidden, index, pick, out, where)
            made.recording, made.projected_stride = recording, projected.shape[1]
            made.projected = _at(projected, direction * gates * hidden)
            made.weight, made.bias = packed[direction].data_ptr(), started[direction].data_ptr()
            if recording:
                made.saved = saved[direction, begin:].data_ptr()
            if cell != "rnn":
                made.state = state[direction, begin if cell == "lstm" else two_steps :].data_ptr()
            made.previous = previous[direction, begin:].data_ptr()
            return made

        walks = [(direction, part) for direction in range(directions) for part in ragged.parts]
        library.ahead(variant, cell, [walk(*each) for each in walks], threads)
        if recording:
            ctx.plan = library, variant, cell, ragged, index, pick, threads, projected.shape, projected.dtype
            ctx.kept = saved, state, previous, where
            ctx.save_for_backward(*weights)
        return out

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        if ctx.kept is None:
            raise RuntimeError("what a walk keeps is freed by its first backward; it cannot be walked back twice")
        library, variant, cell, ragged, index, pick, threads, shape, dtype = ctx.plan
        (saved, state, previous, where), ctx.kept = ctx.kept, None
        weights = ctx.saved_tensors
        hidden, directions, gates = weights[0].shape[1], len(weights), GATES[cell]
        by_out = gradients[0].contiguous()
        packed = [_packed(library.pack_back, variant, cell, weight) for weight in weights]
        by_n = torch.zeros(directions, len(ragged.parts), hidden)
        walks = []
        for direction in range(directions):
            for place, part in enumerate(ragged.parts):
                made = _walk_of(ragged, part, direction, hidden, index, pick, by_out, where)
                made.recording, made.weight = 1, packed[direction].data_ptr()
                made.saved = saved[direction, part.begin :].data_ptr()
                made.state = state[direction, part.begin :].data_ptr() if cell == "lstm" else None
                made.previous = previous[direction, part.begin :].data_ptr()
                made.by_bias = by_n[direction, place].data_ptr()
                walks.append((direction, made))
        library.back(variant, cell, [made for _, made in walks], threads)

        by_projected = torch.empty(shape, dtype=saved.dtype)
        by_bias_ih = torch.empty(directions, gates * hidden)
        slices = max(1, threads // directions)
        blocks, columns = gates * hidden // BLOCK, gates * hidden

        scatters = []
        for direction in range(directions):
            own = [made for of, made in walks if of == direction]
            for piece in range(slices):
                to = Scatter()
                to.walk, to.walks, to.rows = (Walk * len(own))(*own), len(own), len(by_projected)
                to.begin, to.end = (BLOCK * (blocks * p // slices) for p in (piece, piece + 1))
                to.saved_stride, to.saved_begin = saved.shape[2], saved.shape[2] - columns
                to.gradient, to.gradient_stride = _at(by_projected, direction * columns), by_projected.shape[1]
                to.whole = by_bias_ih[direction].data_ptr()
                scatters.append(to)
        library.gather(variant, scatters, threads)
        by_recurrent: list[Tensor] = []
        for direction, weight in enumerate(weights):
            # all blocks of `saved` at once, though a GRU's last has no part in it: without it, they would be copied
            by_weight = (saved[direction].t() @ previous[direction])[: gates * hidden].to(weight.dtype)  # [G*H, H]
            by_bias = by_bias_ih[direction]
            if cell == "gru":  # the kernel's order is n, r, z
                by_weight = by_weight.roll(-hidden, 0)
                by_bias = torch.cat([by_bias[: 2 * hidden], by_n[direction].sum(0)])
            by_recurrent += [by_weight, by_bias]
        return (*[None] * 8, by_projected.to(dtype), *by_recurrent)


def _walk_of(
    ragged: Ragged, part: Part, direction: int, hidden: int, index: Tensor, pick: Pick, out: Tensor, where: Tensor
) -> Walk:
    """Return what the walk ahead and the walk back have in common. The arrays must outlive it."""
    return walk_of(
        ragged,
        part,
        direction,
        hidden,
        index.data_ptr(),
        pick,
        out.data_ptr(),
        out.shape[-1],
        out.element_size(),
        where.data_ptr(),
    )


def _at(tensor: Tensor, element: int) -> int:
    """The address of an element of a contiguous tensor."""
    return tensor.data_ptr() + element * tensor.element_size()


def _packed(
    lay_out: Callable[[Variant, str, int, int, int], None], variant: Variant, cell: str, weight: Tensor
) -> Tensor:
    """weight: [G*H, H] in any precision. Returns as many numbers in the variant's, laid out for it."""
    exact = weight.float().contiguous()
    packed = torch.empty(exact.numel(), dtype=DTYPES[variant.dtype])
    lay_out(variant, cell, exact.shape[1], exact.data_ptr(), packed.data_ptr())
    return packed
