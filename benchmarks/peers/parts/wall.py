"""From a CSV file to a judged model: once each, one after the other, on the same rows and the same held-out rows."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from peers.arithmetic import rounded
from peers.driver import Bench
from peers.inputs import train_command

CSV = "reviews.csv"


def run(bench: Bench, about: dict[str, Any]) -> dict[str, Any]:
    """Return {"rows": [engine, variant, seconds, accuracy, peak_mb, and of Recurra its timing by step]}."""
    peer, threads = str(bench.interpreters["peers"]), str(bench.threads)
    epochs = bench.sizes.keras_epochs
    commands: dict[tuple[str, str], list[str]] = {
        ("recurra", "default"): train_command(bench, CSV, "wall-default"),
        ("recurra", "tutorial"): train_command(bench, CSV, "wall-tutorial", "--recipe", "tutorial"),
        ("keras", f"tutorial, {epochs} epochs"): [peer, "-m", "peers.jobs.keras_job", CSV, str(epochs), threads],
        ("sklearn", "TF-IDF + logistic regression"): [peer, "-m", "peers.jobs.sklearn_job", CSV],
        ("fasttext", "pairs of words, 5 epochs"): [peer, "-m", "peers.jobs.fasttext_job", CSV, threads],
    }
    rows = []
    for (engine, variant), command in commands.items():
        bench.say(f"  {engine}, {variant} ...")
        found = timed(bench, command)
        if found is None:
            bench.note(f"{engine}, {variant}: its job from file to judged model failed")
            continue
        metrics, row = found
        accuracy = metrics["test"]["accuracy"] if engine == "recurra" else metrics["accuracy"]
        row = {"engine": engine, "variant": variant, "accuracy": rounded(accuracy)} | row
        if engine == "recurra":
            row |= {"timing": _timing(metrics["timing"]), "precision": metrics["config"]["precision"]}
        rows.append(row)
    return {"rows": rows, "held_out": about["wall_held_out"], "reviews": about["wall_rows"]}


def timed(bench: Bench, command: list[str]) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Return (what the command printed, {"seconds", "peak_mb"}), or None where it failed."""
    output = bench.inputs / "printed.json"
    log = bench.inputs / "job.log"
    with log.open("ab") as errors:
        ran = subprocess.run(
            [sys.executable, "-m", "peers.measured", str(output), *command],
            cwd=bench.inputs,
            env=bench.environment(),
            stdout=subprocess.PIPE,
            stderr=errors,
            check=True,
        )
    usage = json.loads(ran.stdout)
    if usage["status"] != 0:
        bench.say(log.read_text(errors="replace")[-2_000:])
        return None
    printed: dict[str, Any] = json.loads(output.read_text(encoding="utf-8").strip().splitlines()[-1])
    return printed, {"seconds": rounded(usage["seconds"]), "peak_mb": usage["peak_mb"]}


def _timing(timing: Mapping[str, float]) -> dict[str, float]:
    return {step: round(seconds, 2) for step, seconds in timing.items()}
