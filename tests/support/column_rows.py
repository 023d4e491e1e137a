"""Rows with a title and a body beside numbers and categories, and a tiny model of each task that reads columns."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recurra.cli.train import train
from recurra.tasks.configuration import task_options
from recurra.terminal.progress import Reporter

GOOD, BAD = ["great", "lovely", "superb", "fine"], ["awful", "poor", "broken", "dull"]
FILLERS = ["the", "a", "of", "table", "chair", "runs", "over", "town"]
HEADER = ["id", "title", "body, long", "price", "brand", "label", "stars", "tags"]
TEXTS = ["title", "body, long"]
FEATURES = ["price", "brand"]
ANSWERS = {"classify": {"label": "label"}, "multilabel": {"label": "tags"}, "regress": {"target": "stars"}}
SMALL = {"hidden": 4, "embedding": 4, "epochs": 1, "threads": 1, "precision": "fp32", "batch": 16, "min_count": 1}


def column_rows(rows: int, seed: int = 0) -> list[dict[str, str]]:
    """Return made-up rows. The label goes by words of the title or of the body, one of which may be empty."""
    rng = np.random.default_rng(seed)
    made = []
    for number in range(rows):
        good = bool(rng.random() < 0.5)
        words = [" ".join(rng.choice(FILLERS, rng.integers(2, 6))) for _ in TEXTS]
        words[number % 2] += f" {rng.choice(GOOD if good else BAD)}"
        if number % 5 == 0:
            words[1 - number % 2] = ""
        price = "" if rng.random() < 0.1 else f"{rng.normal(5 + 3 * good):.2f}"
        brand = str(rng.choice(["acme", "zeta", "omni"]))
        tags = ";".join(["good"] * good + ["odd"] * (number % 2))
        values = [str(number), *words, price, brand, "pos" if good else "neg", f"{2 + 2 * good + rng.random():.2f}"]
        made.append(dict(zip(HEADER, [*values, tags], strict=True)))
    return made


def write_columns(path: Path, rows: list[dict[str, str]]) -> Path:
    """Write rows as a CSV."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


class ColumnModels(dict[str, Path]):
    """A model directory of each task, trained when it is first used. table: the rows that they were trained on; more:
    further options."""

    def __init__(self, folder: Path, **more: Any) -> None:
        super().__init__()
        self.folder, self.table = folder, write_columns(folder / "rows.csv", column_rows(90))
        self.more = more
        self.metrics: dict[str, dict[str, Any]] = {}

    def __missing__(self, task: str) -> Path:
        options = task_options({"task": task, "text": TEXTS, **ANSWERS[task], **SMALL, **self.more})
        self[task] = self.folder / task
        self.metrics[task] = train(str(self.table), self[task], options, reporter=Reporter(quiet=True))
        return self[task]


@pytest.fixture(scope="session")
def column_models(tmp_path_factory: pytest.TempPathFactory) -> ColumnModels:
    return ColumnModels(tmp_path_factory.mktemp("columns"))


@pytest.fixture(scope="session")
def feature_models(tmp_path_factory: pytest.TempPathFactory) -> ColumnModels:
    return ColumnModels(tmp_path_factory.mktemp("features"), features=FEATURES)
