"""How right the default classifier is, beside its baseline, on real sets of small and large texts.

    RECURRA_DATA=... python benchmarks/accuracy.py > benchmarks/results/accuracy.json
    ... --sets trec,sst2 --seeds 0,1,2 -- --word-vectors glove.txt > benchmarks/results/accuracy_vectors.json
    ... --sets imdb --folds 5 > benchmarks/results/accuracy_folds.json

Each seed holds out rows of its own from the training part of a set (a fifth, or 1,000 rows and the dev part of SST, or
5,000 reviews); with --folds, each of the folds is held out once, by one seed of the training each, so that every row is
judged once. The official test parts are not read. What follows `--` goes to `recurra train`. Prints one JSON object:
of each set and seed the accuracy of the model, of its parts and of the baseline, and over all seeds their means and a
paired test on all held-out rows.
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
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from record import machine
from tutorial import mean_with_interval

from recurra.evaluation.significance import mcnemar

Rows = list[tuple[str, str]]
REVIEWS_HELD_OUT, SENTENCES_HELD_OUT = 5_000, 1_000


def _table(path: Path, text: str, label: str, *, tabs: bool = True) -> Rows:
    with path.open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE) if tabs else csv.DictReader(file)
        return [(row[text], row[label]) for row in reader]


def _reviews(data: Path) -> Rows:
    import duckdb

    query = "select review, sentiment from read_parquet(?) order by id"
    return [
        (text, str(label)) for text, label in duckdb.execute(query, [str(data / "imdb/reviews.parquet")]).fetchall()
    ]


def _messages(data: Path) -> Rows:
    lines = (data / "sms_spam/messages.tsv").read_text(encoding="utf-8").splitlines()
    return [(text, label) for label, text in (line.split("\t", 1) for line in lines)]


SETS: dict[str, Callable[[Path], tuple[Rows, Rows, int]]] = {
    "trec": lambda data: (_table(data / "trec/train.tsv", "text", "coarse"), [], 0),
    "sst2": lambda data: (
        _table(data / "sst/binary.train.tsv", "text", "label"),
        _table(data / "sst/binary.dev.tsv", "text", "label"),
        SENTENCES_HELD_OUT,
    ),
    "sst5": lambda data: (
        _table(data / "sst/fine.train.tsv", "text", "label"),
        _table(data / "sst/fine.dev.tsv", "text", "label"),
        SENTENCES_HELD_OUT,
    ),
    "banking77": lambda data: (_table(data / "banking77/train.csv", "text", "category", tabs=False), [], 0),
    "sms_spam": lambda data: (_messages(data), [], 0),
    "imdb": lambda data: (_reviews(data), [], REVIEWS_HELD_OUT),
}
"""Of each set: the rows of its training part, rows that are always held out, and how many of the first are too (0: a
fifth)."""


def divide(rows: Rows, count: int, seed: int) -> tuple[Rows, Rows]:
    """Return (rows to train on, rows held out), drawn by the seed."""
    order = np.random.default_rng(1000 + seed).permutation(len(rows))
    held_out = count or len(rows) // 5
    return [rows[i] for i in order[held_out:]], [rows[i] for i in order[:held_out]]


def fold(rows: Rows, folds: int, number: int) -> tuple[Rows, Rows]:
    """Return (rows of the other folds, rows of fold `number`); the folds are drawn at random, the same in each call."""
    order = np.random.default_rng(1000).permutation(len(rows))
    return [rows[i] for i in np.sort(order[np.arange(len(rows)) % folds != number])], [
        rows[i] for i in order[number::folds]
    ]


def run(training: Rows, held_out: Rows, seed: int, more: Sequence[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Train once. Returns (the seed's figures, the paired counts of model and baseline)."""
    with tempfile.TemporaryDirectory(prefix="recurra-accuracy-") as folder:
        for name, part in (("train", training), ("test", held_out)):
            with (Path(folder) / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
                csv.writer(file).writerows([("text", "label"), *part])
        started = time.perf_counter()
        done = subprocess.run(
            [
                *(sys.executable, "-m", "recurra.cli", "train", f"{folder}/train.csv", "--test", f"{folder}/test.csv"),
                *("--out", f"{folder}/model", "--seed", str(seed), "--json", *more),
            ],
            stdout=subprocess.PIPE,
            check=True,
        )
        seconds = time.perf_counter() - started
    metrics = json.loads(done.stdout)
    test, baseline, parts = metrics["test"], metrics["baseline"], metrics["parts"] or {}
    return {
        "seed": seed,
        "rows": test["rows"],
        "accuracy": test["accuracy"],
        "log_loss": test["log_loss"],
        "network_alone": parts.get("network", {}).get("accuracy"),
        "ngrams_alone": parts.get("ngrams", {}).get("accuracy"),
        "baseline": baseline and baseline["accuracy"],
        "baseline_name": baseline and baseline["name"],
        "seconds": round(seconds, 1),
        "train_seconds": round(metrics["timing"]["train"], 1),
        "baseline_seconds": round(metrics["timing"]["baseline"], 1),
    }, metrics["paired"] or {}


def pooled(paired: Sequence[dict[str, Any]], rows: int) -> dict[str, Any] | None:
    """Return `mcnemar` over the held-out rows of all seeds; None without a baseline."""
    if not all(paired):
        return None
    only_model, only_baseline = (sum(each[name] for each in paired) for name in ("only_model", "only_baseline"))
    model, other = np.zeros(rows, dtype=bool), np.zeros(rows, dtype=bool)
    model[:only_model] = True
    other[only_model : only_model + only_baseline] = True
    return mcnemar(model, other)


def main() -> None:
    """Measure, and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", default=",".join(SETS), help="some of these, separated by commas")
    parser.add_argument("--seeds", default="0,1,2", help="separated by commas")
    parser.add_argument("--folds", type=int, help="hold out each of so many parts once, instead of the seeds' cuts")
    parser.add_argument("more", nargs="*", help="options of recurra train, after --")
    given = parser.parse_args()
    data, load = Path(os.environ["RECURRA_DATA"]), os.getloadavg()[0]
    results: dict[str, Any] = {}
    for name in given.sets.split(","):
        rows, always, count = SETS[name](data)
        runs, paired = [], []
        for seed in range(given.folds) if given.folds else map(int, given.seeds.split(",")):
            if given.folds:
                training, held_out = fold(rows + always, given.folds, seed)
            else:
                training, held_out = divide(rows, count, seed)
                held_out = held_out + always
            figures, counts = run(training, held_out, seed, given.more)
            runs.append(figures)
            paired.append(counts)
            print(f"{name}, seed {seed}: {figures['accuracy']:.2%} {figures['baseline']}", file=sys.stderr, flush=True)
        means = {
            key: mean_with_interval([each[key] for each in runs])
            for key in ("accuracy", "log_loss", "network_alone", "ngrams_alone", "baseline", "seconds")
            if all(each[key] is not None for each in runs)
        }
        results[name] = {**means, "paired": pooled(paired, sum(each["rows"] for each in runs)), "runs": runs}
    options = [Path(each).name for each in given.more]  # no places
    command = ["python", "benchmarks/accuracy.py", "--sets", given.sets]
    command += ["--folds", str(given.folds)] if given.folds else ["--seeds", given.seeds]
    result = {
        "name": "accuracy",
        "command": shlex.join([*command, *(["--", *options] if options else [])]),
        "date": datetime.now(UTC).date().isoformat(),
        "machine": machine(),
        "load_average_before": round(load, 1),
        "metrics": {"sets": results},
    }
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
