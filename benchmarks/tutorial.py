"""What the recipe `tutorial` reaches: several seeds, each with its own split, as it is and with other options.

    python benchmarks/tutorial.py imdb --seeds 0,1,2 > benchmarks/results/tutorial.json

Runs `recurra train DATA --recipe tutorial` once a seed for each variant. Prints one JSON object: the held-out accuracy
of each run, and the mean of each variant with its 95 % interval over the seeds.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from record import machine

VARIANTS: dict[str, tuple[str, ...]] = {
    "recipe": (),
    "constant": ("--schedule", "constant"),
}
"""Options beside --recipe tutorial."""


def mean_with_interval(values: Sequence[float]) -> dict[str, Any]:
    """Return mean and ci95 of the mean, by Student's t over the values; ci95 is None for a single one."""
    from scipy.stats import t

    mean = statistics.fmean(values)
    if len(values) < 2:
        return {"mean": mean, "ci95": None}
    half = float(t.ppf(0.975, len(values) - 1)) * statistics.stdev(values) / len(values) ** 0.5
    return {"mean": mean, "ci95": [mean - half, mean + half]}


def run(data: str, seed: int, options: Sequence[str], more: Sequence[str]) -> dict[str, Any]:
    """Train once. Returns the seed's figures."""
    with tempfile.TemporaryDirectory(prefix="recurra-tutorial-") as folder:
        out = Path(folder) / "model"
        command = ["train", data, "--recipe", "tutorial", "--seed", str(seed), "--out", str(out), "--no-baseline"]
        started = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-m", "recurra.cli", *command, *options, *more, "--json"],
            stdout=subprocess.PIPE,
            check=True,
        )
        seconds = time.perf_counter() - started
    metrics = json.loads(done.stdout)
    test = metrics["test"]
    return {
        "seed": seed,
        **{name: test[name] for name in ("accuracy", "accuracy_ci95", "log_loss", "rows")},
        "train_accuracy": metrics["train"]["accuracy"],
        "train_seconds": round(metrics["timing"]["train"], 1),
        "wall_seconds": round(seconds, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", help="what `recurra train` takes; any other option goes to it, too")
    parser.add_argument("--seeds", default="0,1,2", help="separated by commas")
    parser.add_argument("--variant", default=",".join(VARIANTS), help="some of these, separated by commas")
    given, more = parser.parse_known_args()
    load = os.getloadavg()[0]
    variants: dict[str, Any] = {}
    for name in given.variant.split(","):
        runs = []
        for seed in map(int, given.seeds.split(",")):
            runs.append(run(given.data, seed, VARIANTS[name], more))
            print(f"{name}, seed {seed}: {runs[-1]['accuracy']:.2%}", file=sys.stderr, flush=True)
        accuracy = mean_with_interval([each["accuracy"] for each in runs])
        variants[name] = {"options": list(VARIANTS[name]), "accuracy": accuracy, "runs": runs}
    data = Path(given.data).name
    result = {
        "name": "tutorial",
        "command": " ".join(
            ["python benchmarks/tutorial.py", data, "--seeds", given.seeds, "--variant", given.variant, *more]
        ),
        "date": datetime.now(UTC).date().isoformat(),
        "machine": machine(),
        "load_average_before": round(load, 1),
        "metrics": {"variants": variants},
    }
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
