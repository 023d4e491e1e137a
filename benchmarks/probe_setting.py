"""Find the learning rate of each cell for `recurra probe`, with seeds that no default run uses.

    python benchmarks/probe_setting.py > benchmarks/results/probe_setting.json

Every cell is trained at every rate on every problem, at lengths in the middle of the range, with two seeds. What is
compared is the share of a problem that was learnt: 0 for the score of an answer that remembers nothing,
1 for a perfect one. The rate with the largest mean is the cell's.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from record import machine

from recurra.probe.budget import LEARNING_RATES, Budget
from recurra.probe.problems import PROBLEMS
from recurra.probe.run import probe
from recurra.training.versions import versions

RATES = (0.001, 0.003, 0.01, 0.03)
FIRST_SEED, SEEDS, STEPS = 100, 2, 1_000
LENGTHS = (30, 100)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--processes", type=int, help="trainings at once (default: one a core)")
    given = parser.parse_args()
    started, runs = time.perf_counter(), []
    for rate in RATES:
        with tempfile.TemporaryDirectory() as folder:
            result = probe(
                list(LEARNING_RATES),
                LENGTHS,
                Path(folder) / "probe",
                problems=list(PROBLEMS),
                seeds=SEEDS,
                first_seed=FIRST_SEED,
                budget=Budget(steps=STEPS, learning_rate=rate),
                processes=given.processes,
            )
        runs += [row | {"learning_rate": rate, "learnt": learnt(row)} for row in result["rows"]]
    rates = [
        {"cell": cell, "learning_rate": rate, "learnt": mean_learnt(runs, cell, rate)}
        for cell in LEARNING_RATES
        for rate in RATES
    ]
    chosen = {
        cell: max((row for row in rates if row["cell"] == cell), key=lambda row: row["learnt"])["learning_rate"]
        for cell in LEARNING_RATES
    }
    result = {
        "name": "probe_setting",
        "command": "python benchmarks/probe_setting.py",
        "date": datetime.now(UTC).date().isoformat(),
        "machine": machine(),
        "wall_seconds": round(time.perf_counter() - started, 1),
        "metrics": {
            "steps": STEPS,
            "lengths": LENGTHS,
            "first_seed": FIRST_SEED,
            "seeds": SEEDS,
            "rates": rates,
            "chosen": chosen,
            "in_use": LEARNING_RATES,
            "runs": runs,
            "versions": versions(),
        },
    }
    print(json.dumps(result, indent=1))


def learnt(row: dict[str, Any]) -> float:
    """Return the share of the way from the trivial to the perfect score, from 0 to 1, over the seeds of a row."""
    problem = PROBLEMS[row["problem"]]
    shares = (np.array(row["scores"]) - problem.trivial) / (problem.perfect - problem.trivial)
    return float(np.clip(shares, 0, 1).mean())


def mean_learnt(runs: list[dict[str, Any]], cell: str, rate: float) -> float:
    """Return it over all problems and lengths."""
    return float(np.mean([run["learnt"] for run in runs if (run["cell"], run["learning_rate"]) == (cell, rate)]))


if __name__ == "__main__":
    main()
