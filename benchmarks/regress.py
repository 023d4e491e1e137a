"""How far numbers for texts are off, beside ridge regression; and whether classes in an order help.

    RECURRA_DATA=... python benchmarks/regress.py imdb > benchmarks/results/regress.json
    RECURRA_DATA=... python benchmarks/regress.py sst5 --seeds 0,1,2 > benchmarks/results/ordered.json

imdb: the stars of 45,000 reviews, 5,000 of them held out by a seed that no choice of a default has looked at. sst5:
five grades of sentiment, as classes and with --ordered, judged on the development part; the same seeds, and paired
tests of the answers to the same sentences. What follows `--` goes to `recurra train`. Prints one JSON object.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import shlex
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from record import machine

from recurra.evaluation.grouped import compare_ratios
from recurra.evaluation.ordinal import score_order
from recurra.evaluation.significance import compare_runs

HELD_OUT, SPLIT_SEED = 5_000, 2026
KEPT = (
    "rows", "mae", "mae_ci95", "rmse", "rmse_ci95", "r2", "r2_ci95", "spearman", "spearman_ci95", "level", "coverage",
    "coverage_ci95", "width", "width_ci95", "bias", "bias_ci95",
)  # fmt: skip


def train(data: Path, folder: Path, *options: str) -> dict[str, Any]:
    """Return metrics.json of a model that is written to `folder`."""
    command = [sys.executable, "-m", "recurra.cli", "train", str(data), "--out", str(folder), "--json", *options]
    found = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    metrics: dict[str, Any] = json.loads(found.stdout)
    return metrics


def write_reviews(data: Path, path: Path) -> None:
    """Write the reviews with their stars and the part that each is of."""
    import duckdb

    rows = duckdb.execute("select review, stars from read_parquet(?)", [str(data / "imdb/reviews.parquet")]).fetchall()
    order = np.random.default_rng(SPLIT_SEED).permutation(len(rows))
    held = set(order[:HELD_OUT].tolist())
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["review", "stars", "part"])
        for number, (review, stars) in enumerate(rows):
            writer.writerow([review, stars, "test" if number in held else "train"])


def imdb(data: Path, seeds: list[int], options: list[str]) -> dict[str, Any]:
    """Return the scores of the stars, the baseline's, and the paired comparison."""
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "reviews.csv"
        write_reviews(data, path)
        words = ["--task", "regress", "--target", "stars", "--split-column", "part", "--seed", str(seeds[0]), *options]
        metrics = train(path, Path(place) / "model", *words)
    test, baseline = metrics["test"], metrics["baseline"]
    return {
        "test": {name: test[name] for name in KEPT},
        "by_prediction": [
            {name: part[name] for name in ("name", "rows", "coverage")} for part in test["slices"]["prediction"]
        ],
        "baseline": {name: baseline[name] for name in ("name", "alpha", *KEPT[:9])},
        "constant": metrics["constant"],
        "paired": metrics["paired"],
        "train": metrics["train"],
        "valid": metrics["valid"],
        "intervals": metrics["intervals"],
        "ngrams": metrics["ngrams"],
        "split": metrics["split"],
        "timing": metrics["timing"],
    }


def sst5(data: Path, seeds: list[int], options: list[str]) -> dict[str, Any]:
    """Return the scores of plain and of ordered classes, each seed's and their means, and the paired tests."""
    from recurra.tasks.registry import load

    with (data / "sst/fine.dev.tsv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    texts, truth = [row["text"] for row in rows], np.array([int(row["label"]) for row in rows])
    answers: dict[str, list[np.ndarray[Any, Any]]] = {"plain": [], "ordered": []}
    scores: dict[str, list[dict[str, Any]]] = {"plain": [], "ordered": []}
    for seed in seeds:
        for kind, flags in (("plain", []), ("ordered", ["--ordered"])):
            with tempfile.TemporaryDirectory() as place:
                words = [
                    "--test", str(data / "sst/fine.dev.tsv"), "--text", "text", "--label", "label", "--no-baseline",
                    "--seed", str(seed), *flags, *options,
                ]  # fmt: skip
                train(data / "sst/fine.train.tsv", Path(place) / "model", *words)
                model = load(Path(place) / "model", task="classify")
                chances = model.predict_proba(texts)
                labels = [str(label) for label in model.classes_]
            targets = np.array([labels.index(str(label)) for label in truth])
            answers[kind].append(chances.argmax(axis=1))
            found = score_order(chances, targets, labels)
            right = float((chances.argmax(axis=1) == targets).mean())
            loss = float(-np.log(chances[np.arange(len(targets)), targets]).mean())
            scores[kind].append({"seed": seed, "accuracy": right, "log_loss": loss, **found})
            print(f"{kind} {seed}: {right:.4f} right, {found['steps_off']:.4f} steps off", file=sys.stderr)
    right = {kind: np.stack([one == targets for one in found]) for kind, found in answers.items()}
    off = {kind: np.stack([np.abs(one - targets) for one in found]).mean(axis=0) for kind, found in answers.items()}
    names = ("accuracy", "log_loss", "steps_off", "adjacent_accuracy", "weighted_kappa")
    return {
        "rows": len(truth),
        "seeds": scores,
        "means": {
            kind: {name: float(np.mean([one[name] for one in found])) for name in names}
            for kind, found in scores.items()
        },
        "accuracy_ordered_less_plain": compare_runs(
            right["ordered"].sum(axis=0).astype(np.int64) - right["plain"].sum(axis=0), len(seeds)
        ),
        "steps_off_ordered_less_plain": compare_ratios(
            off["ordered"], off["plain"], np.ones(len(truth)), np.arange(len(truth))
        ),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", choices=["imdb", "sst5"])
    parser.add_argument("--seeds", default="0", help="of the training, with commas between")
    parser.add_argument("options", nargs="*", help="of recurra train, after --")
    given = parser.parse_args()
    load, started = os.getloadavg()[0], time.perf_counter()
    seeds = [int(seed) for seed in given.seeds.split(",")]
    metrics = {"imdb": imdb, "sst5": sst5}[given.part](Path(os.environ["RECURRA_DATA"]), seeds, given.options)
    result = {
        "name": {"imdb": "regress", "sst5": "ordered"}[given.part],
        "command": shlex.join(["python", "benchmarks/regress.py", *sys.argv[1:]]),
        "date": datetime.now(UTC).date().isoformat(),
        "machine": machine(),
        "load_average_before": round(load, 1),
        "wall_seconds": round(time.perf_counter() - started, 1),
        "metrics": metrics,
    }
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
