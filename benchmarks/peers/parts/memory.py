"""Peak memory: a fresh process for each engine and job, and the most that it ever held."""

from __future__ import annotations

from typing import Any

from peers.driver import Bench, EngineError, Job
from peers.task import Task

JOBS: tuple[Job, ...] = (
    ("recurra", Task("training", variant="fp32", batch=64, seconds=0.5)),
    ("torch", Task("training", variant="fp32", batch=64, seconds=0.5)),
    ("keras", Task("training", variant="fp32", batch=64, seconds=0.5)),
    ("recurra_runtime", Task("text", variant="tutorial", batch=256, seconds=0.5)),
    ("torch", Task("text", variant="fp32", batch=256, seconds=0.5)),
    ("keras", Task("text", variant="fp32", batch=256, seconds=0.5)),
)
"""scikit-learn and fastText are left to the job from file to judged model: there they answer from what they trained."""


def run(bench: Bench, about: dict[str, Any]) -> dict[str, Any]:
    """Return {"rows": [engine, kind, batch, peak_mb]}."""
    rows = []
    for engine, task in JOBS:
        peak = peak_of(bench, engine, task)
        if peak is not None:
            name = engine.removesuffix("_runtime")
            rows.append({"engine": name, "kind": task.kind, "batch": task.batch, "peak_mb": peak})
    return {"rows": rows}


def peak_of(bench: Bench, engine: str, task: Task) -> int | None:
    """Return the peak of a process that does this task and nothing else, in MiB; None where it fails."""
    with bench.workers([engine]) as workers:
        if engine not in workers:
            return None
        try:
            number = workers[engine].ask({"prepare": task.plain()})["number"]
            workers[engine].ask({"round": number})
            peak: int | None = workers[engine].ask({"about": True})["peak_mb"]
        except EngineError as error:
            bench.note(f"{engine}, memory of {task.kind}: {error}")
            return None
        return peak
