"""What the machine can do at most: one large square product of matrices, in each number format."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from peers.task import Task, rounds_of
from peers.worker import Round

PACKAGES: tuple[str, ...] = ("torch",)

SIZE = 3072


def set_up(threads: int) -> None:
    import torch

    torch.set_num_threads(threads)


def prepare(task: Task, inputs: Path, threads: int) -> Round:
    """Items are floating-point operations."""
    import torch

    kind = torch.bfloat16 if task.variant == "bf16" else torch.float32
    left, right = (torch.rand(SIZE, SIZE).to(kind) for _ in range(2))
    out = torch.empty(SIZE, SIZE, dtype=kind)
    torch.mm(left, right, out=out)
    started = time.perf_counter()
    torch.mm(left, right, out=out)
    products = rounds_of(task.seconds, time.perf_counter() - started)

    def round_() -> dict[str, Any]:
        began = time.perf_counter()
        for _ in range(products):
            torch.mm(left, right, out=out)
        return {"items": products * 2 * SIZE**3, "seconds": time.perf_counter() - began}

    return round_
