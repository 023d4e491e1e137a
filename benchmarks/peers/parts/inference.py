"""Inference throughput: from ids, 200 a review, at batches of 1, 32 and 256; and from whole texts, 256 at once."""

from __future__ import annotations

from typing import Any

from peers.driver import Bench, Job
from peers.parts.rows import measure
from peers.task import Task

BATCHES = (1, 32, 256)


def jobs(seconds: float) -> list[Job]:
    found: list[Job] = []
    for batch in BATCHES:
        several = batch == BATCHES[-1]
        for engine, variants in (
            ("recurra_runtime", ["tutorial"]),
            ("torch", ["fp32", "bf16"]),
            ("keras", ["fp32", "fp32 xla", "bf16"] if several else ["fp32"]),
        ):
            found += [(engine, Task("ids", "lstm", variant, batch, 200, seconds)) for variant in variants]
    for engine, variant in (
        ("recurra_runtime", "tutorial"),
        ("recurra_runtime", "default"),
        ("torch", "fp32"),
        ("keras", "fp32"),
        ("sklearn", "TF-IDF"),
        ("fasttext", "pairs of words"),
    ):
        found.append((engine, Task("text", "lstm", variant, BATCHES[-1], 200, seconds)))
    return found


def run(bench: Bench, about: dict[str, Any]) -> dict[str, Any]:
    return measure(bench, about, jobs(bench.sizes.inference), bench.sizes.inference)
