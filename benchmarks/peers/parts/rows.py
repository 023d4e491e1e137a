"""From the rounds of many jobs to one row of figures for each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from peers.arithmetic import flops, limit_share, rates
from peers.driver import Bench, Job, in_turns
from peers.task import Task

FORMATS = ("fp32", "bf16")


def gemm_jobs(seconds: float) -> list[Job]:
    """Return the jobs that find the machine's limit, in the same rounds as everything else."""
    return [("gemm", Task("gemm", variant=variant, batch=0, tokens=0, seconds=seconds)) for variant in FORMATS]


def measure(bench: Bench, about: Mapping[str, Any], jobs: list[Job], seconds: float) -> dict[str, Any]:
    """Run the jobs with the machine's limit beside them.

    Returns {"limit": operations a second of the best round, by number format, "rows": [...]}.
    A row: engine, kind, cell, variant, batch, tokens, rate (items a second), and, for what is mostly products of
    matrices, share and share_distinct of the limit: as usually computed, and with one projection a distinct word.
    """
    measured = in_turns(bench, gemm_jobs(seconds) + jobs)
    limit = {task.variant: rates(rounds)["max"] for (engine, task), rounds in measured.items() if engine == "gemm"}
    rows = [row(job, rounds, limit, about) for job, rounds in measured.items() if job[0] != "gemm"]
    return {"limit": limit, "rows": rows}


def row(job: Job, rounds: list[dict[str, Any]], limit: Mapping[str, float], about: Mapping[str, Any]) -> dict[str, Any]:
    """Return one row of figures. A number format without a limit of its own is held against that of fp32."""
    engine, task = job
    found: dict[str, Any] = {
        "engine": engine.removesuffix("_runtime"),
        "kind": task.kind,
        "cell": task.cell,
        "variant": task.variant,
        "batch": task.batch,
        "tokens": task.tokens,
        "rate": rates(rounds),
    }
    ceiling = limit.get(task.variant, limit.get("fp32"))
    distinct = about["distinct"].get(str(task.batch))
    if ceiling and distinct and task.kind in ("training", "ids"):
        for name, share in (("share", 1.0), ("share_distinct", distinct)):
            cost = flops(task.cell, task.tokens, training=task.kind == "training", distinct=share)
            found[name] = limit_share(found["rate"]["median"], cost, ceiling)
    return found
