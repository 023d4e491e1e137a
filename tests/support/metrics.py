"""Contents of metrics.json to be reported: realistic, and hostile."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from functools import cache
from typing import Any

import numpy as np
import pytest

from recurra.evaluation.class_scores import confident_mistakes
from recurra.evaluation.significance import mcnemar
from recurra.tasks.classify.scores import evaluate

HOSTILE = (
    "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
    '<br /><br />I expected more & got "less". {{ 7 * 7 }} ' + "Donaudampfschifffahrt" * 15
)
ARABIC = "هذا الفيلم رائع جدا، لكن النهاية كانت مملة <b>للغاية</b>. " * 3
REVIEW = (
    "I wanted to like this one. The first half hour is patient, funny and beautifully shot, and the two leads are a "
    "joy to watch together. Then the plot arrives, and with it every cliché that the opening had so carefully "
    "avoided.<br /><br />By the end I was checking my watch. And yet, days later, I still think about that one scene "
    "on the ferry, so perhaps it did something right after all. "
)


def metrics_of(classes: int, rows: int, sharpness: float, seed: int = 0) -> dict[str, Any]:
    """Return a metrics.json of `classes` classes whose test part was really evaluated on made-up answers."""
    generator = np.random.default_rng(seed)
    if classes == 2:
        labels = ["negative", "positive"]
    else:
        labels = [f"{a}_{b}" for a in ("card", "cash", "exchange", "top_up", "transfer", "pin", "refund", "verify")
                  for b in ("arrival", "not_working", "delivery_estimate", "charge", "pending", "limit", "wrong_amount",
                            "declined", "swallowed", "fee_charged_unexpectedly")][:classes]  # fmt: skip
    truth = generator.integers(0, classes, rows)
    logits = generator.normal(size=(rows, classes))
    logits[np.arange(rows), truth] += sharpness
    logits *= 2.0 if classes == 2 else 1.6
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    chances = powers / powers.sum(axis=1, keepdims=True)
    lengths = np.maximum(1, generator.lognormal(5.2, 0.6, rows).astype(int))
    correct = chances.argmax(axis=1) == truth
    other = np.where(generator.random(rows) < 0.93, correct, ~correct)
    other[generator.random(rows) < 0.012] = False
    texts = [HOSTILE, ARABIC, REVIEW * 3, REVIEW, "Meh.", ""]
    mistakes = confident_mistakes(chances, truth, 12, labels)
    wilson = evaluate(np.c_[~other, other] * 1.0, np.ones(rows, dtype=int), ["no", "yes"], lengths, lengths > 256)
    epochs = [
        (0.42, 0.805, 0.33, 0.861),
        (0.27, 0.893, 0.25, 0.905),
        (0.19, 0.931, 0.23, 0.918),
        (0.14, 0.952, 0.24, 0.916),
    ]
    return {
        "task": "classify",
        "labels": labels,
        "test": evaluate(chances, truth, labels, lengths, lengths > 256),
        "train": {"accuracy": 0.982, "rows": 40_500, "log_loss": 0.061},
        "valid": {"accuracy": 0.918, "rows": 4_050, "log_loss": 0.23},
        "baseline": {
            "name": "NB-weighted (1,3)-grams + logistic regression",
            "accuracy": wilson["accuracy"],
            "accuracy_ci95": wilson["accuracy_ci95"],
            "seconds": 13.3,
            "rows_used": 40_500,
            "c": 1.0,
            "valid_rows": 2_000,
            "grid": [
                {"name": f"{features} + logistic regression", "c": c, "accuracy": accuracy, "log_loss": loss}
                for features, c, accuracy, loss in (
                    ("TF-IDF (1,2)-grams", 10.0, 0.9155, 0.214),
                    ("NB-weighted (1,3)-grams", 0.1, 0.928, 0.195),
                    ("NB-weighted (1,3)-grams", 1.0, 0.9285, 0.201),
                )
            ],
        },
        "paired": mcnemar(correct, other),
        "history": [
            {"epoch": e, "train_loss": a, "train_accuracy": b, "valid_loss": c, "valid_accuracy": d, "seconds": 41.0}
            for e, (a, b, c, d) in enumerate(epochs, start=1)
        ],
        "timing": {"read": 2.1, "tokenise": 9.4, "train": 164.0, "evaluate": 3.2, "baseline": 13.3, "total": 192.0},
        "hygiene": {
            "rows": 45_000, "empty_texts": 0, "missing_labels": 0, "exact_duplicates": 418,
            "normalised_duplicates": 437, "duplicate_groups": 429, "conflicting_texts": 3, "conflicting_rows": 6,
            "classes": {label: int(n) for label, n in zip(labels, np.bincount(truth, minlength=classes), strict=True)},
            "majority_share": 0.5,
            "findings": [
                "437 rows repeat another row's text, but for case, white space or HTML; each group is on one side.",
                "3 texts occur under two labels <i>(6 rows)</i>.",
            ],
            "tokens": {"truncated_rows": 15_204, "lost_tokens": 1_840_332, "unknown_rate": 0.0121},
        },
        "mistakes": [{**m, "text": texts[i % len(texts)]} for i, m in enumerate(mistakes)],
        "temperature": 1.184,
        "config": {"cell": "lstm", "direction": "both", "layers": 1, "hidden": 64, "embedding": 128, "pooling": "max",
                   "max_tokens": 256, "truncate": "tail", "vocabulary": 30_000, "epochs": 4, "batch": 64,
                   "recipe": "default", "precision": "bf16", "resume": False},
        "split": {"how": "90 % / 10 %, stratified, by seed; repeated texts kept together",
                  "train": 36_450, "valid": 4_050, "test": rows},
        "versions": {"recurra": "0.1.0", "python": "3.11.4", "torch": "2.13.0", "onnxruntime": "1.32.0"},
        "data": {"name": "imdb", "how": "imdb: 45,000 reviews from reviews.parquet",
                 "fingerprint": "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                 "rows": 45_000},
        "seed": 7,
        "command": "recurra train imdb --text review --label sentiment --out model --seed 7",
    }  # fmt: skip


_made = cache(metrics_of)


@pytest.fixture
def make_metrics() -> Callable[..., dict[str, Any]]:
    """Return the maker of metrics.json contents: make_metrics(classes, rows, sharpness)."""
    return metrics_of


@pytest.fixture
def binary() -> dict[str, Any]:
    """A good model of two classes, IMDB-like."""
    return deepcopy(_made(2, 2000, 2.1))


@pytest.fixture
def many() -> dict[str, Any]:
    """A model of 77 classes, banking77-like."""
    return deepcopy(_made(77, 1000, 3.2))
