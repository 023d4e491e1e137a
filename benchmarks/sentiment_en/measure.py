"""How right a model is on each held-out set, and how right VADER and TextBlob are on the same texts."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

import recurra
from recurra.evaluation.classification import METRICS
from recurra.evaluation.intervals import wilson
from recurra.evaluation.significance import mcnemar
from sentiment_en.sources import LABELS, Rows

PEERS = Path(__file__).with_name("peers.py")


def measure(directory: Path, held_out: Mapping[str, Rows], peers_python: str | None) -> dict[str, Any]:
    """Return for each set its rows, the model's scores, and those of each peer with a paired test.

    peers_python: a Python where VADER and TextBlob are installed; None: without them.
    """
    model = recurra.load(directory, task="classify")
    scores = _peers(held_out, peers_python) if peers_python else {}
    results: dict[str, Any] = {}
    for name, rows in held_out.items():
        probabilities = np.asarray(model.predict_proba([text for text, _ in rows]), dtype=np.float64)
        targets = np.array([LABELS.index(label) for _, label in rows])
        right = probabilities.argmax(axis=1) == targets
        results[name] = {
            "rows": len(rows),
            **_shares(right),
            "log_loss": METRICS["log_loss"](probabilities, targets),
            "ece": METRICS["ece"](probabilities, targets),
            "peers": {},
        }
        for peer, by_set in scores.items():
            theirs = (np.array(by_set[name]) >= 0) == (targets == 1)
            results[name]["peers"][peer] = {**_shares(theirs), "paired": mcnemar(right, theirs)}
    return results


def _shares(right: np.ndarray[Any, np.dtype[np.bool_]]) -> dict[str, Any]:
    return {"accuracy": float(right.mean()), "accuracy_ci95": wilson(int(right.sum()), len(right))}


def _peers(held_out: Mapping[str, Rows], python: str) -> dict[str, dict[str, list[float]]]:
    texts = {name: [text for text, _ in rows] for name, rows in held_out.items()}
    run = subprocess.run([python, str(PEERS)], input=json.dumps(texts), stdout=subprocess.PIPE, text=True, check=True)
    scores: dict[str, dict[str, list[float]]] = json.loads(run.stdout)
    return scores
