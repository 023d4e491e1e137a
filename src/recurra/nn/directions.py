"""Walk both directions of a layer at once, each on a thread of its own.

A recurrence is a long chain of small products. Sharing each product among processors means waiting for one another
several times a step, which is slow at best, and ruinous when another program wants a processor too: one thread
stopped then stops all. The two directions need nothing from each other, so each takes one processor from end to end.

Each thread records its own part of the graph; `_Together` joins the two for autograd.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from recurra.nn.cells import Cell, Weights

Result = TypeVar("Result")

_WEIGHTS = len(Weights._fields)
_pool: tuple[int, ThreadPoolExecutor] | None = None
_pool_lock = threading.Lock()


def walk_both(cell: type[Cell], ahead: Tensor, back: Tensor, weights: tuple[Weights, Weights]) -> tuple[Tensor, Tensor]:
    """Return `cell.walk(ahead, weights[0])` and `cell.walk(back, weights[1])`, both [B, T, H].

    ahead, back: [B, T, D], the steps in the order of reading. On a GPU, or with one thread, one comes after the other.
    """
    if ahead.device.type != "cpu" or torch.get_num_threads() == 1:
        return cell.walk(ahead, weights[0]), cell.walk(back, weights[1])
    both: tuple[Tensor, Tensor] = _Together.apply(cell, torch.is_grad_enabled(), ahead, back, *weights[0], *weights[1])  # type: ignore[no-untyped-call]
    return both


class _Together(torch.autograd.Function):
    """Two independent walks as one operation."""

    @staticmethod
    def forward(
        ctx: Any, cell: type[Cell], recording: bool, ahead: Tensor, back: Tensor, *weights: Tensor
    ) -> tuple[Tensor, Tensor]:
        recording = recording and any(ctx.needs_input_grad)
        bf16 = torch.is_autocast_enabled("cpu")
        sides = [(ahead, *weights[:_WEIGHTS]), (back, *weights[_WEIGHTS:])]

        def walk(side: Sequence[Tensor]) -> tuple[list[Tensor], Tensor]:
            leaves = [tensor.detach().requires_grad_(recording) for tensor in side]
            with torch.set_grad_enabled(recording), torch.autocast("cpu", torch.bfloat16, enabled=bf16):
                return leaves, cell.walk(leaves[0], Weights(*leaves[1:]))

        walked = _at_once(walk, sides)
        ctx.walked = walked if recording else None
        return walked[0][1].detach(), walked[1][1].detach()

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        def walk_back(side: tuple[tuple[list[Tensor], Tensor], Tensor]) -> tuple[Tensor, ...]:
            (leaves, outputs), gradient = side
            return torch.autograd.grad(outputs, leaves, gradient)

        if ctx.walked is None:
            raise RuntimeError("the graph of two directions is freed by its first backward; it cannot be walked twice")
        ahead, back = _at_once(walk_back, list(zip(ctx.walked, gradients, strict=True)))
        ctx.walked = None
        return None, None, ahead[0], back[0], *ahead[1:], *back[1:]


def _at_once(work: Callable[[Any], Result], sides: Sequence[Any]) -> list[Result]:
    """Return `work` of both sides, done at the same time on threads that share nothing out any further."""
    return list(_threads().map(work, sides))


def _threads() -> ThreadPoolExecutor:
    """The two threads; a process that was forked makes its own."""
    global _pool
    with _pool_lock:
        if _pool is None or _pool[0] != os.getpid():
            before = torch.get_num_threads()
            started = threading.Barrier(2)

            def prepare() -> None:
                torch.get_num_threads()  # torch sets a thread up at its first question, and would undo what follows
                torch.set_num_threads(1)

            pool = ThreadPoolExecutor(2, thread_name_prefix="recurra-direction", initializer=prepare)
            list(pool.map(lambda _: started.wait(), range(2)))  # both are up before the setting is put back
            torch.set_num_threads(before)
            _pool = os.getpid(), pool
        return _pool[1]
