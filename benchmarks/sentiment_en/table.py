"""The table that the model is trained on, as a CSV of text and label."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from sentiment_en.everyday import sentences
from sentiment_en.sources import Sources, key

EVERYDAY = 12_000
ORDER_SEED = 1


def write_table(sources: Sources, path: Path) -> dict[str, int]:
    """Write the training rows in a fixed random order; return how many of each kind there are."""
    kept_out = {key(text) for rows in sources.held_out.values() for text, _ in rows}
    parts = {
        "reviews": sources.reviews,
        "sentences": sources.sentences,
        "everyday": [row for row in sentences(EVERYDAY) if key(row[0]) not in kept_out],
    }
    rows = [row for part in parts.values() for row in part]
    np.random.default_rng(ORDER_SEED).shuffle(rows)
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("text", "label"), *rows])
    return {name: len(part) for name, part in parts.items()}
