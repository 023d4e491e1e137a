"""Training steps with both directions sharing every product, against a processor for each (`nn/directions.py`).

    python benchmarks/directions.py > benchmarks/results/directions.json

Both ways are run in turn, step by step, on an idle machine and beside a program that keeps one processor busy.
Prints one JSON object: medians of rows a second.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

os.environ.setdefault("GOMP_SPINCOUNT", "10000")  # as the command line does

import torch
from record import machine
from torch import Tensor

from recurra.batch import Batch
from recurra.network_shape import NetworkShape
from recurra.nn import recurrent
from recurra.nn.network import Network
from recurra.training.allocator import keep_freed_memory

BATCH, TOKENS, STEPS = 64, 200, 8
Walk = Callable[..., tuple[Tensor, Tensor]]


def shared(cell: object, ahead: Tensor, back: Tensor, weights: tuple[object, object]) -> tuple[Tensor, Tensor]:
    """One direction after the other, each sharing its products among all processors."""
    return cell.walk(ahead, weights[0]), cell.walk(back, weights[1])  # type: ignore[attr-defined]


def rates(cell: str, bf16: bool, ways: dict[str, Walk]) -> dict[str, float]:
    """Return the median rows a second of each way."""
    torch.manual_seed(0)
    shape = NetworkShape(
        vocabulary=20_000, embedding=128, cell=cell, hidden=64, layers=1, direction="both", pooling="max", outputs=1
    )
    network = Network(shape)
    adam = torch.optim.Adam(network.parameters(), fused=True)
    batch = Batch(torch.randint(2, 20_000, (BATCH, TOKENS)), torch.full((BATCH,), TOKENS))
    targets = torch.rand(BATCH).round()
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for step in range(STEPS + 1):
        for name, walk in ways.items():
            recurrent.walk_both = walk
            started = time.perf_counter()
            with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
                logits = network(batch)
            adam.zero_grad()
            torch.nn.functional.binary_cross_entropy_with_logits(logits.float()[:, 0], targets).backward()
            adam.step()
            if step:
                seconds[name].append(time.perf_counter() - started)
    return {name: round(BATCH / statistics.median(each)) for name, each in seconds.items()}


def main() -> None:
    keep_freed_memory()
    ways: dict[str, Walk] = {"shared": shared, "apart": recurrent.walk_both}
    found = {}
    for load in ("idle", "one processor busy"):
        busy = subprocess.Popen([sys.executable, "-c", "while True: pass"]) if load != "idle" else None
        try:
            for cell in ("lstm", "gru", "rnn"):
                for bf16 in (False, True):
                    found[f"{cell}, {'bf16' if bf16 else 'fp32'}, {load}"] = rates(cell, bf16, ways)
        finally:
            if busy:
                busy.kill()
                busy.wait()
    result = {
        "name": "directions",
        "command": "python benchmarks/directions.py",
        "machine": machine(),
        "metrics": {"rows_per_second": found, "batch": BATCH, "tokens": TOKENS},
    }
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
