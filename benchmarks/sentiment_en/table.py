"""The table that the model is trained on, as a CSV of text, label and part: train, valid or test.

Validation rows choose the scale of the n-grams and the temperature, so they are real texts alone, as many sentences as
reviews. The test rows, which are not looked at in training, are the held-out reviews.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from sentiment_en.everyday import sentences
from sentiment_en.sources import Rows, Sources, key

EVERYDAY = 20_000
VALIDATION = 1_000
"""Of reviews, and of sentences."""
SEED = 1


def write_table(sources: Sources, path: Path) -> dict[str, int]:
    """Write the rows in a fixed random order; return how many training rows of each kind there are."""
    random = np.random.default_rng(SEED)
    kept_out = {key(text) for rows in sources.held_out.values() for text, _ in rows}
    reviews, valid_reviews = _divided(sources.reviews, random)
    short, valid_short = _divided(sources.sentences, random)
    everyday = [row for row in sentences(EVERYDAY) if key(row[0]) not in kept_out]
    parts = {
        "train": reviews + short + everyday,
        "valid": valid_reviews + valid_short,
        "test": sources.held_out["imdb"],
    }
    rows = [(*row, part) for part, of_part in parts.items() for row in of_part]
    order = random.permutation(len(rows))
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("text", "label", "part"), *(rows[number] for number in order)])
    return {"reviews": len(reviews), "sentences": len(short), "everyday": len(everyday)}


def write_unlabelled(sources: Sources, path: Path) -> int:
    """Write the texts without a label as a CSV of one column; return how many there are."""
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("text",), *((text,) for text in sources.unlabelled)])
    return len(sources.unlabelled)


def _divided(rows: Rows, random: np.random.Generator) -> tuple[Rows, Rows]:
    """Return the training rows, and those for validation."""
    order = random.permutation(len(rows))
    return [rows[number] for number in order[VALIDATION:]], [rows[number] for number in order[:VALIDATION]]
