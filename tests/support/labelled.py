"""Texts with several labels each: the words of a topic make its label, and some texts have none."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recurra.cli.train import train
from recurra.tasks.configuration import task_options
from recurra.terminal.progress import Reporter

TOPICS: dict[str, list[str]] = {
    "food": ["bread", "soup", "cheese", "apple", "dinner"],
    "music": ["piano", "song", "violin", "choir", "drum"],
    "sport": ["goal", "tennis", "race", "team", "coach"],
    "travel": ["train", "hotel", "beach", "ticket", "island"],
}
FILLERS = ["the", "a", "was", "we", "saw", "very", "it", "and", "then", "some", "had", "near"]
LABELS = list(TOPICS)
SHARES = (0.45, 0.3, 0.2, 0.1)


def labelled_rows(rows: int, seed: int = 0) -> list[tuple[str, list[str]]]:
    """Return (text, labels) of made-up rows, no two of one text."""
    rng = np.random.default_rng(seed)
    made: dict[str, list[str]] = {}
    while len(made) < rows:
        labels = [label for label, share in zip(LABELS, SHARES, strict=True) if rng.random() < share]
        words = [str(rng.choice(TOPICS[label])) for label in labels]
        words += rng.choice(FILLERS, rng.integers(4, 9)).tolist()
        rng.shuffle(words)
        made.setdefault(" ".join(words), labels)
    return list(made.items())


def write_labelled(
    path: Path, rows: Sequence[tuple[str, Sequence[str]]], separator: str = ";", column: str = "labels"
) -> Path:
    """Write rows as a CSV, the labels of each in one cell."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["text", column])
        writer.writerows([text, separator.join(labels)] for text, labels in rows)
    return path


def write_indicators(path: Path, rows: Sequence[tuple[str, Sequence[str]]]) -> Path:
    """Write rows as a CSV with a column of 0 and 1 for each label."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "text", *LABELS])
        writer.writerows(
            [n, text, *(int(label in labels) for label in LABELS)] for n, (text, labels) in enumerate(rows)
        )
    return path


class Told(Reporter):
    """Keeps what is reported."""

    def __init__(self) -> None:
        super().__init__(quiet=True)
        self.sentences: list[str] = []

    def info(self, sentence: str) -> None:
        self.sentences.append(sentence)


TINY: dict[str, Any] = {
    "task": "multilabel",
    "hidden": 8,
    "embedding": 8,
    "epochs": 6,
    "learning_rate": 0.02,
    "threads": 1,
    "precision": "fp32",
    "batch": 16,
}


@pytest.fixture(scope="session")
def labelled_model(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A model directory that has learnt the topics, and the metrics that training gave back."""
    folder = tmp_path_factory.mktemp("labelled")
    data = write_labelled(folder / "topics.csv", labelled_rows(400))
    metrics = train(str(data), folder / "model", task_options(TINY), reporter=Reporter(quiet=True))
    return folder / "model", metrics
