"""Training that goes on with a model on new rows, beside training on all rows at once; and what is forgotten.

    RECURRA_DATA=... python benchmarks/continued.py > benchmarks/results/continued.json

imdb: a model of the first share of the reviews goes on with the rest, and a model is trained on all; all of them answer
the same held-out reviews, whose texts no other row repeats. No choice of a default has looked at those. shifted: the
model of the first half goes on with the sentences of SST-2, whose development part is held out, beside a model of those
sentences alone: what it learns of them, and what it forgets of the reviews. Prints one JSON object.
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
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from record import machine

from recurra.evaluation.intervals import wilson
from recurra.evaluation.significance import mcnemar
from recurra.tasks.registry import load

HELD_OUT, SEED = 5_000, 20261129
LABELS = {"0": "negative", "1": "positive"}
Rows = list[tuple[str, str]]


def train(data: Path, folder: Path, *options: str) -> dict[str, Any]:
    """Return metrics.json of a model that is written to `folder`."""
    command = [sys.executable, "-m", "recurra.cli", "train", str(data), "--out", str(folder), "--json", "--no-baseline"]
    found = subprocess.run([*command, *options], check=True, stdout=subprocess.PIPE, text=True)
    metrics: dict[str, Any] = json.loads(found.stdout)
    return metrics


def reviews(data: Path) -> tuple[Rows, Rows]:
    """Return the reviews to train on, in random order, and those that are held out; of equal texts the first alone."""
    import duckdb

    rows = duckdb.execute(
        "select review, sentiment from read_parquet(?)", [str(data / "imdb/reviews.parquet")]
    ).fetchall()
    different = list({review: (review, sentiment) for review, sentiment in reversed(rows)}.values())[::-1]
    order = np.random.default_rng(SEED).permutation(len(different))
    shuffled = [different[place] for place in order]
    return shuffled[HELD_OUT:], shuffled[:HELD_OUT]


def sentences(path: Path) -> Rows:
    """Return the sentences of a part of SST-2."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [(row["text"], LABELS[row["label"]]) for row in rows]


def write(path: Path, rows: Rows) -> Path:
    """Write rows as CSV, and return the path."""
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("text", "label"), *rows])
    return path


def right(folder: Path, rows: Rows) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Return which rows a model labels rightly."""
    answers = load(folder, task="classify").predict([text for text, _ in rows])
    return np.asarray(answers == np.array([label for _, label in rows]))


def scored(found: np.ndarray[Any, np.dtype[np.bool_]]) -> dict[str, Any]:
    return {
        "rows": len(found),
        "accuracy": float(found.mean()),
        "accuracy_ci95": list(wilson(int(found.sum()), len(found))),
    }


def imdb(data: Path, place: Path, shares: Sequence[float], options: list[str]) -> dict[str, Any]:
    """Return the accuracy of the model on all rows, and for each share of the first rows that of the model on them,
    before and after it goes on with the rest; paired with that on all."""
    rows, held = reviews(data)
    test = ["--test", str(write(place / "held.csv", held)), *options]
    seconds = train(write(place / "all.csv", rows), place / "all", *test)["timing"]["total"]
    whole = right(place / "all", held)
    found: dict[str, Any] = {
        "all": {"training_rows": len(rows), **scored(whole), "seconds": seconds},
        "shares": [],
    }
    for share in shares:
        cut, name = round(share * len(rows)), f"{share:g}"
        first, model = place / f"first-{name}", place / f"continued-{name}"
        began = train(write(place / f"first-{name}.csv", rows[:cut]), first, *test)
        went_on = train(write(place / f"rest-{name}.csv", rows[cut:]), model, "--from", str(first), *test)
        before, after = right(first, held), right(model, held)
        found["shares"].append(
            {
                "share": share,
                "first_rows": cut,
                "further_rows": len(rows) - cut,
                "first": {**scored(before), "seconds": began["timing"]["total"]},
                "continued": {**scored(after), "seconds": went_on["timing"]["total"]},
                "further_words": went_on["continued"]["further_words"],
                "continued_less_first": mcnemar(after, before),
                "continued_less_all": mcnemar(after, whole),
            }
        )
        print(f"{name}: {before.mean():.4f}, then {after.mean():.4f}; all {whole.mean():.4f}", file=sys.stderr)
    return found


def shifted(data: Path, place: Path, first: Path, options: list[str]) -> dict[str, Any]:
    """Return what a model of reviews learns of sentences, and what it forgets."""
    dev = sentences(data / "sst/binary.dev.tsv")
    test = ["--test", str(write(place / "dev.csv", dev)), *options]
    path = write(place / "sentences.csv", sentences(data / "sst/binary.train.tsv"))
    train(path, place / "sentences", *test)
    went_on = train(path, place / "shifted", "--from", str(first), *test)["continued"]
    alone, after = right(place / "sentences", dev), right(place / "shifted", dev)
    return {
        "sentences": went_on["new"],
        "reviews": went_on["old"],
        "sentences_alone": scored(alone),
        "continued_less_alone": mcnemar(after, alone),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shares", default="0.5,0.6", help="of the rows that come first, with commas between")
    parser.add_argument("options", nargs="*", help="of every recurra train, after --")
    given = parser.parse_args()
    load_before, started = os.getloadavg()[0], time.perf_counter()
    data, shares = Path(os.environ["RECURRA_DATA"]), [float(share) for share in given.shares.split(",")]
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        metrics = {"imdb": imdb(data, place, shares, given.options)}
        metrics["shifted"] = shifted(data, place, place / f"first-{shares[0]:g}", given.options)
    result = {
        "name": "continued",
        "command": shlex.join(["python", "benchmarks/continued.py", *sys.argv[1:]]),
        "date": datetime.now(UTC).date().isoformat(),
        "machine": machine(),
        "load_average_before": round(load_before, 1),
        "wall_seconds": round(time.perf_counter() - started, 1),
        "metrics": metrics,
    }
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
