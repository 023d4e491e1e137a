"""A recurrent layer by the compiled kernel: each direction, and each part of the batch, on a thread of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional

from recurra.kernel.layout import GATES, RECURRENT_GATES, REDUCED_WIDTH, Reduction
from recurra.kernel.library import BLOCK, Gather, Library, Recurrence, Variant, new_recurrence
from recurra.kernel.ragged import Part, Ragged
from recurra.nn.backends.choice import choose_variant
from recurra.nn.shape_buckets import pad_to_bucket

SAVED = {"rnn": 1, "gru": 4, "lstm": 4, "mingru": 2, "minlstm": 3}
"""Blocks of H that the kernel saves for the gradient of each step."""

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16}

MIN_ROWS_PER_PART = 6
"""A part of fewer rows is not worth a thread: this many share each reading of the weights."""


def kernel_layer(
    cell: str,
    projected: Tensor,
    index: Tensor,
    lengths: Tensor,
    recurrent: list[tuple[Tensor, Tensor]],
    reduction: Reduction = "all",
) -> Tensor:
    """Run one layer in one direction or two (F = H or 2H) and return its states, or their reduction over time.

    projected: [U, directions, G, H], W_ih x + b_ih of every distinct input; index: [B, T] int32 rows of it;
    recurrent: weight_hh [R*H, H] and bias_hh [R*H] of each direction, R the cell's recurrent gates.
    Returns [B, T, F] in the variant's number format, zeros in the padding; or the reduction, float32 [B, F or 2F].
    Raises RuntimeError where there is no kernel for these numbers.
    """
    chosen = choose_variant(projected.dtype)
    if chosen is None or projected.device.type != "cpu":
        raise RuntimeError(f"there is no recurrent kernel for {projected.dtype} on {projected.device}")
    library, variant = chosen
    projected, index = projected.to(DTYPES[variant.dtype]), index.contiguous()
    hidden = recurrent[0][0].shape[1]
    fill = -hidden % BLOCK
    if fill:
        projected = functional.pad(projected, (0, fill))
        recurrent = [_pad_hidden(RECURRENT_GATES[cell], weight, bias, fill) for weight, bias in recurrent]
    directions, threads = len(recurrent), torch.get_num_threads()
    parts = max(1, min(threads // directions, len(lengths) // MIN_ROWS_PER_PART))
    ragged = Ragged.of(lengths.numpy(), index.shape[1], parts)
    flat = [tensor for pair in recurrent for tensor in pair]
    out: Tensor = _KernelLayer.apply(  # type: ignore[no-untyped-call]
        library, variant, cell, ragged, index, reduction, threads, torch.is_grad_enabled(), projected.flatten(1), *flat
    )
    if fill:
        out = out.view(*out.shape[:-1], -1, hidden + fill)[..., :hidden].flatten(-2)
    return out


def _pad_hidden(gates: int, weight: Tensor, bias: Tensor, fill: int) -> tuple[Tensor, Tensor]:
    """Add `fill` units whose weights are zero: they stay zero in every cell."""
    hidden = weight.shape[1]
    blocks = weight.view(gates, hidden, hidden), bias.view(gates, hidden)
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
        reduction: Reduction,
        threads: int,
        recording: bool,
        projected: Tensor,
        *recurrent: Tensor,
    ) -> Tensor:
        """projected: [U, directions * G*H]; recurrent: weight_hh and bias_hh of each direction, H a multiple of BLOCK.

        recording: save what the gradient needs. Returns as `kernel_layer` does.
        """
        recording = recording and any(ctx.needs_input_grad)
        weights, biases = recurrent[::2], recurrent[1::2]
        hidden, directions, gates = weights[0].shape[1], len(weights), GATES[cell]
        projected, dtype = projected.contiguous(), DTYPES[variant.dtype]
        width = directions * hidden * REDUCED_WIDTH[reduction]
        shape = (ragged.batch, ragged.time, width) if reduction == "all" else (ragged.batch, width)
        out = torch.empty(shape, dtype=dtype if reduction == "all" else torch.float32)
        source_step = torch.empty(shape if reduction != "all" else 0, dtype=torch.int32)
        steps = pad_to_bucket(ragged.total) if recording else 2 * ragged.batch
        saved = torch.empty(directions, steps if recording else 0, SAVED[cell] * hidden, dtype=dtype)
        states = steps if cell == "lstm" else 2 * ragged.batch
        state = torch.empty(directions, states if cell != "rnn" else 0, hidden)
        previous = torch.empty(directions, steps, hidden, dtype=dtype)
        if recording:
            saved[:, ragged.total :] = 0
            previous[:, ragged.total :] = 0
        packed = [_pack(library.pack_forward, variant, cell, weight) for weight in weights]
        bias_hh = [bias.float().contiguous() for bias in biases]

        recurrences = []
        for direction in range(directions):
            for part in ragged.parts:
                two_steps = 2 * sum(len(p.row) for p in ragged.parts if p.begin < part.begin)
                begin = part.begin if recording else two_steps
                job = _recurrence(ragged, part, direction, hidden, index, reduction, out, source_step)
                job.recording, job.projected_stride = recording, projected.shape[1]
                job.projected = _address(projected, direction * gates * hidden)
                job.weight, job.bias = packed[direction].data_ptr(), bias_hh[direction].data_ptr()
                if recording:
                    job.saved = saved[direction, begin:].data_ptr()
                if cell != "rnn":
                    job.state = state[direction, begin if cell == "lstm" else two_steps :].data_ptr()
                job.previous = previous[direction, begin:].data_ptr()
                recurrences.append(job)
        library.forward(variant, cell, recurrences, threads)
        if recording:
            ctx.plan = library, variant, cell, ragged, index, reduction, threads, projected.shape, projected.dtype
            ctx.kept = saved, state, previous, source_step
            ctx.save_for_backward(*weights)
        return out

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        """gradients: the one with respect to the output. Returns those of `projected`, weight_hh and bias_hh.

        Raises RuntimeError where it is called a second time: the first call overwrites what `forward` saved.
        """
        if ctx.kept is None:
            raise RuntimeError("what the kernel saves is freed by the first backward; it cannot run backward twice")
        library, variant, cell, ragged, index, reduction, threads, shape, dtype = ctx.plan
        (saved, state, previous, source_step), ctx.kept = ctx.kept, None
        weights = ctx.saved_tensors
        hidden, directions, gates = weights[0].shape[1], len(weights), GATES[cell]
        grad_out = gradients[0].contiguous()
        packed = [_pack(library.pack_backward, variant, cell, weight) for weight in weights]
        grad_bias_n = torch.zeros(directions, len(ragged.parts), hidden)
        recurrences: list[list[Recurrence]] = [[] for _ in range(directions)]
        for direction in range(directions):
            for number, part in enumerate(ragged.parts):
                job = _recurrence(ragged, part, direction, hidden, index, reduction, grad_out, source_step)
                job.recording, job.weight = 1, packed[direction].data_ptr()
                job.saved = saved[direction, part.begin :].data_ptr()
                job.state = state[direction, part.begin :].data_ptr() if cell == "lstm" else None
                job.previous = previous[direction, part.begin :].data_ptr()
                job.grad_bias = grad_bias_n[direction, number].data_ptr()
                recurrences[direction].append(job)
        library.backward(variant, cell, [job for jobs in recurrences for job in jobs], threads)

        grad_projected = torch.empty(shape, dtype=saved.dtype)
        grad_bias_ih = torch.empty(directions, gates * hidden)
        slices = max(1, threads // directions)
        blocks, columns = gates * hidden // BLOCK, gates * hidden

        gathers = []
        for direction, jobs in enumerate(recurrences):
            for number in range(slices):
                gather = Gather()
                gather.recurrence, gather.count = (Recurrence * len(jobs))(*jobs), len(jobs)
                gather.rows = len(grad_projected)
                gather.begin, gather.end = (BLOCK * (blocks * n // slices) for n in (number, number + 1))
                gather.saved_stride, gather.saved_begin = saved.shape[2], saved.shape[2] - columns
                gather.gradient = _address(grad_projected, direction * columns)
                gather.gradient_stride = grad_projected.shape[1]
                gather.total = grad_bias_ih[direction].data_ptr()
                gathers.append(gather)
        library.gather(variant, gathers, threads)
        grad_recurrent: list[Tensor | None] = []
        for direction, weight in enumerate(weights):
            if not RECURRENT_GATES[cell]:
                grad_recurrent += [None, None]
                continue
            # all blocks of `saved` at once, though a GRU's last has no part in it: without it, they would be copied
            grad_weight = (saved[direction].t() @ previous[direction])[: gates * hidden].to(weight.dtype)  # [G*H, H]
            grad_bias = grad_bias_ih[direction]
            if cell == "gru":  # the kernel's order is n, r, z
                grad_weight = grad_weight.roll(-hidden, 0)
                grad_bias = torch.cat([grad_bias[: 2 * hidden], grad_bias_n[direction].sum(0)])
            grad_recurrent += [grad_weight, grad_bias]
        return (*[None] * 8, grad_projected.to(dtype), *grad_recurrent)


def _recurrence(
    ragged: Ragged,
    part: Part,
    direction: int,
    hidden: int,
    index: Tensor,
    reduction: Reduction,
    out: Tensor,
    source_step: Tensor,
) -> Recurrence:
    """Return what the forward and the backward pass of a part have in common. The tensors must outlive it."""
    return new_recurrence(
        ragged,
        part,
        direction,
        hidden,
        index.data_ptr(),
        reduction,
        out.data_ptr(),
        out.shape[-1],
        out.element_size(),
        source_step.data_ptr(),
    )


def _address(tensor: Tensor, element: int) -> int:
    """Return the address of an element of a contiguous tensor."""
    return tensor.data_ptr() + element * tensor.element_size()


def _pack(pack: Callable[[Variant, str, int, int, int], None], variant: Variant, cell: str, weight: Tensor) -> Tensor:
    """Return the numbers of a weight [R*H, H] in the variant's format and order."""
    exact = weight.float().contiguous()
    packed = torch.empty(exact.numel(), dtype=DTYPES[variant.dtype])
    if exact.numel():
        pack(variant, cell, exact.shape[1], exact.data_ptr(), packed.data_ptr())
    return packed
