"""Latency: one review of any length, text in, probability out, one after the other."""

from __future__ import annotations

import statistics
from typing import Any

from peers.arithmetic import percentile, rounded, spread
from peers.driver import Bench, in_turns
from peers.task import Task

ASKED = (
    ("recurra_runtime", "tutorial"),
    ("recurra_runtime", "default"),
    ("torch", "fp32"),
    ("keras", "tf.function"),
    ("keras", "predict"),
    ("sklearn", "TF-IDF"),
    ("fasttext", "pairs of words"),
)


def run(bench: Bench, about: dict[str, Any]) -> dict[str, Any]:
    """Return {"rows": [engine, variant, requests, p50_ms (with the spread of the rounds' own medians), p99_ms]}."""
    jobs = [(engine, Task("latency", variant=variant, batch=bench.sizes.requests)) for engine, variant in ASKED]
    rows = []
    for (engine, task), rounds in in_turns(bench, jobs).items():
        together = [value for each in rounds for value in each["milliseconds"]]
        medians = spread([statistics.median(each["milliseconds"]) for each in rounds])
        rows.append(
            {
                "engine": engine.removesuffix("_runtime"),
                "variant": task.variant,
                "requests": len(together),
                "p50_ms": medians | {"median": rounded(statistics.median(together))},
                "p99_ms": rounded(percentile(together, 0.99)),
            }
        )
    return {"rows": rows}
