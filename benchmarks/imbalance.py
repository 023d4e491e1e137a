"""A rare class: what weights of classes and a tuned threshold do to its recall, on the SMS spam collection at 99 to 1.

    RECURRA_DATA=... python benchmarks/imbalance.py [--seeds 3] > benchmarks/results/imbalance.json

Of the rows of `sms_spam/messages.tsv`, without repeats, 300 spam messages and 900 others are held out. Of the rest, all
others and one spam message for 99 of them train, drawn anew with each seed; validation rows, by which the threshold is
chosen, are a share of these. Each variant trains on the same rows and is judged on the same held-out ones.
Prints one JSON object.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from record import machine

import recurra

VARIANTS: dict[str, list[str]] = {
    "plain": [],
    "class weights": ["--class-weight", "balanced"],
    "class weights, threshold for F1": ["--class-weight", "balanced", "--tune-threshold", "f1", "--valid", "0.2"],
}
HELD_SPAM, HELD_OTHERS, OTHERS_A_SPAM = 300, 900, 99


def main() -> None:
    """Measure, and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=3)
    given = parser.parse_args()
    spam, others = _messages(Path(os.environ["RECURRA_DATA"]) / "sms_spam" / "messages.tsv")
    runs = []
    for seed in range(given.seeds):
        with tempfile.TemporaryDirectory() as folder:
            runs += _runs(spam, others, seed, Path(folder))
            print(json.dumps(runs[-len(VARIANTS) :]), file=sys.stderr)
    result = {
        "name": "imbalance",
        "command": f"python benchmarks/imbalance.py --seeds {given.seeds}",
        "machine": machine(),
        "metrics": {
            "held_out": {"spam": HELD_SPAM, "others": HELD_OTHERS},
            "runs": runs,
            "means": {name: _mean([run for run in runs if run["variant"] == name]) for name in VARIANTS},
        },
    }
    print(json.dumps(result, indent=1))


def _messages(path: Path) -> tuple[list[str], list[str]]:
    """Return the distinct spam messages and the others."""
    found: dict[str, str] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        label, _, text = line.partition("\t")
        found.setdefault(text, label)
    kinds = [[text for text, label in found.items() if (label == "spam") is spam] for spam in (True, False)]
    return kinds[0], kinds[1]


def _runs(spam: list[str], others: list[str], seed: int, folder: Path) -> list[dict[str, Any]]:
    """Train every variant on one draw of rows, and judge it."""
    fixed = np.random.default_rng(0)  # the held-out rows are the same for all seeds
    spam = [spam[place] for place in fixed.permutation(len(spam))]
    others = [others[place] for place in fixed.permutation(len(others))]
    held = [("spam", text) for text in spam[:HELD_SPAM]] + [("ham", text) for text in others[:HELD_OTHERS]]
    rest = others[HELD_OTHERS:]
    drawn = np.random.default_rng(seed + 1).choice(len(spam) - HELD_SPAM, len(rest) // OTHERS_A_SPAM, replace=False)
    train = [("ham", text) for text in rest] + [("spam", spam[HELD_SPAM + place]) for place in drawn]
    for name, rows in (("train", train), ("test", held)):
        lines = [json.dumps({"label": label, "text": text}) for label, text in rows]
        (folder / f"{name}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    truth = np.array([label == "spam" for label, _ in held])
    runs = []
    for name, words in VARIANTS.items():
        out = folder / name.replace(" ", "-")
        command = [sys.executable, "-m", "recurra.cli", "train", folder / "train.jsonl", "--out", out]
        more = ["--test", folder / "test.jsonl", "--seed", seed, "--no-baseline", *words]
        subprocess.run([str(word) for word in (*command, *more)], check=True, stdout=sys.stderr)
        model = recurra.load(out)
        said = np.array([label == "spam" for label in model.predict([text for _, text in held])])
        hits = int((said & truth).sum())
        runs.append(
            {
                "variant": name,
                "seed": seed,
                "training_spam": len(drawn),
                "training_others": len(rest),
                "recall": hits / int(truth.sum()),
                "precision": hits / max(1, int(said.sum())),
                "f1": 2 * hits / (int(said.sum()) + int(truth.sum())),
                "accuracy": float((said == truth).mean()),
                "threshold": model.decision.threshold,
            }
        )
    return runs


def _mean(runs: list[dict[str, Any]]) -> dict[str, float]:
    return {name: float(np.mean([run[name] for run in runs])) for name in ("recall", "precision", "f1", "accuracy")}


if __name__ == "__main__":
    main()
