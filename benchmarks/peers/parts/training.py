"""Training throughput: whole steps of Embedding(20,000, 128) -> both ways(64) -> one unit at 200 tokens, with Adam."""

from __future__ import annotations

from typing import Any

from peers.driver import Bench, Job
from peers.parts.rows import measure
from peers.task import Task

CELLS, BATCHES = ("lstm", "gru", "rnn"), (64, 256)


def jobs(seconds: float) -> list[Job]:
    """Return every cell and batch in every number format; of Keras, what could be its best.

    XLA and mixed_bfloat16 together are left out: Keras then takes several times as long as with neither.
    """
    found: list[Job] = []
    for cell in CELLS:
        for batch in BATCHES:
            keras = ["fp32"]
            if cell == "lstm":
                keras += ["fp32 xla", "bf16"]
            elif batch == BATCHES[-1]:
                keras += ["fp32 xla"]
            for engine, variants in (("recurra", ["fp32", "bf16"]), ("torch", ["fp32", "bf16"]), ("keras", keras)):
                found += [(engine, Task("training", cell, variant, batch, 200, seconds)) for variant in variants]
    return found


def run(bench: Bench, about: dict[str, Any]) -> dict[str, Any]:
    return measure(bench, about, jobs(bench.sizes.training), bench.sizes.training)
