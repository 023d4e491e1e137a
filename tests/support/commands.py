"""Small made-up reviews, a model trained on them, and the command line within this process and in one of its own."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from recurra.cli.app import app
from recurra.cli.train import train
from recurra.terminal.progress import Reporter
from support.options import train_options

WORDS = {
    "positive": ["good", "great", "lovely", "brilliant"],
    "negative": ["bad", "awful", "dull", "boring"],
}
FILLER = [
    "the",
    "film",
    "plot",
    "actor",
    "scene",
    "music",
    "story",
    "it",
    "was",
    "with",
    "and",
    "a",
    "of",
    "camera",
    "ending",
]
TINY = {"hidden": 4, "embedding": 4, "epochs": 1, "threads": 1, "precision": "fp32", "baseline": False}

Rows = list[tuple[str, str]]
CsvMaker = Callable[..., Path]
Cli = Callable[..., Result]
Trainer = Callable[..., dict[str, Any]]
Process = Callable[..., "subprocess.CompletedProcess[str]"]


def made_rows(count: int, seed: int = 0) -> Rows:
    """Texts, all different, whose label depends on two of their words."""
    rng = np.random.default_rng(seed)
    rows = []
    for number in range(count):
        label = ("positive", "negative")[number % 2]
        words = [*rng.choice(FILLER, rng.integers(3, 16)), *rng.choice(WORDS[label], 2), f"reel{seed}x{number}"]
        rows.append((" ".join(rng.permutation(words)), label))
    return rows


@pytest.fixture
def rows() -> Callable[..., Rows]:
    return made_rows


@pytest.fixture
def write_csv(tmp_path: Path) -> CsvMaker:
    """Write rows into a CSV file below tmp_path."""

    def write(rows: Sequence[Sequence[str]], name: str = "reviews.csv", header: Sequence[str] | None = None) -> Path:
        path = tmp_path / name
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([header or ("review", "sentiment"), *rows])
        return path

    return write


@pytest.fixture
def reviews(write_csv: CsvMaker) -> Path:
    """200 labelled reviews."""
    return write_csv(made_rows(200))


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A model directory that has learnt its words, and the metrics that training gave back."""
    folder = tmp_path_factory.mktemp("trained")
    with (folder / "reviews.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("review", "sentiment"), *made_rows(300)])
    options = train_options({**TINY, "hidden": 8, "embedding": 8, "epochs": 12, "batch": 16, "learning_rate": 0.03})
    options = options.model_copy(update={"baseline": True})
    metrics = train(str(folder / "reviews.csv"), folder / "model", options, reporter=Reporter(quiet=True))
    return folder / "model", metrics


@pytest.fixture
def cli() -> Cli:
    """Run a command line in this process, as `recurra` does."""

    def run(*words: object, input: str | bytes | None = None) -> Result:
        return CliRunner().invoke(app(), [str(word) for word in words], input=input)

    return run


@pytest.fixture
def train_tiny() -> Trainer:
    """Train the smallest network; the options given win."""

    def run(
        data: Path, out: Path, *, resume: bool = False, overwrite: bool = False, **options: object
    ) -> dict[str, Any]:
        chosen = train_options({**TINY, **options})
        return train(str(data), out, chosen, resume=resume, overwrite=overwrite, reporter=Reporter(quiet=True))

    return run


@pytest.fixture
def process() -> Process:
    """Run Python code with arguments in a process of its own."""

    def run(code: str, *words: object, **more: Any) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", code, *map(str, words)]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, **more)

    return run


@pytest.fixture
def only_json() -> Callable[[str], dict[str, Any]]:
    """Return the object that a standard output holds, after checking that it holds one line and nothing else."""

    def read(output: str) -> dict[str, Any]:
        assert output.count("\n") == 1
        result: dict[str, Any] = json.loads(output, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
        return result

    return read
