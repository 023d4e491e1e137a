"""The task `series` from files to a model directory and back, through the command line's own functions."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from recurra.cli.app import app
from recurra.cli.train import train
from recurra.errors import OptionError
from recurra.tasks.configuration import task_options
from recurra.tasks.registry import load
from recurra.terminal.progress import Reporter
from support.killed_training import training_process
from support.series_files import NAMES, TINY, write_lists, write_long

QUIET = Reporter(quiet=True)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("series")
    write_long(place / "waves.csv", 90)
    write_long(place / "new.csv", 12, seed=9)
    write_lists(place / "numbers.jsonl", 60)
    return place


@pytest.fixture(scope="module")
def model(folder: Path) -> Path:
    options = task_options({**TINY, "epochs": 12, "values": "x,y", "label": "label", "convolutions": 500})
    metrics = train(str(folder / "waves.csv"), folder / "model", options, reporter=QUIET)
    assert metrics["test"]["accuracy"] > 0.6 and metrics["labels"] == sorted(NAMES)
    return folder / "model"


def run(*words: object) -> tuple[str, str]:
    found = CliRunner().invoke(app(), list(map(str, words)), catch_exceptions=False)
    assert found.exit_code == 0, found.output
    return found.stdout, found.stderr


def test_evaluation_of_new_series(folder: Path, model: Path) -> None:
    out, _ = run("evaluate", model, folder / "new.csv", "--json")
    result = json.loads(out)
    assert result["rows"] == 12 and 0 <= result["accuracy"] <= 1
    loaded = load(model, task="series")
    assert list(loaded.classes_) == sorted(NAMES) and loaded.inputs.channels == ["x", "y"]


def test_the_data_of_training_are_recognised(folder: Path, model: Path) -> None:
    _, told = run("evaluate", model, folder / "waves.csv")
    assert "These are the very data" in told


def test_prediction_and_explanation(folder: Path, model: Path) -> None:
    out, _ = run("predict", model, folder / "new.csv")
    rows = [line.split("\t") for line in out.splitlines()]
    assert [row[0] for row in rows] == [f"s{row}" for row in range(12)] and {row[1] for row in rows} <= set(NAMES)
    out, _ = run("predict", model, "[[1, 2], [3, 4]]", "--json")
    assert set(json.loads(out)["predictions"][0]["probabilities"]) == set(NAMES)
    out, _ = run("predict", model, "--input", folder / "new.csv", "--output", folder / "a.csv", "--json")
    assert json.loads(out)["rows"] == 12 and (folder / "a.csv").read_text().startswith("unique_id,label,probability\n")
    out, _ = run("explain", model, f"{folder / 'new.csv'}#s3", "--json", "--html", folder / "why.html")
    assert json.loads(out) and "<svg" in (folder / "why.html").read_text()
    assert "series: 2 channels to 3 labels" in " ".join(run("inspect", model)[0].split())


def test_options_that_say_nothing_are_refused(folder: Path) -> None:
    with pytest.raises(OptionError, match="give one of them"):
        task_options({**TINY, "label": "a", "target": "b"})
    with pytest.raises(OptionError):
        task_options({**TINY, "missing": "drop"})


@pytest.mark.parametrize("convolutions", [0, 168])
def test_a_killed_run_resumes_to_the_same_bytes(folder: Path, tmp_path: Path, convolutions: int) -> None:
    options: dict[str, Any] = {"target": "target", "series": "frames", "epochs": 12, "hidden": 8, "threads": 1}
    options["convolutions"] = convolutions
    chosen = task_options({"task": "series", **options, "baseline": False})
    train(str(folder / "numbers.jsonl"), tmp_path / "whole", chosen, reporter=QUIET)
    flags = (f"--{name.replace('_', '-')}={value}" for name, value in options.items())
    out = tmp_path / "m"
    words = (folder / "numbers.jsonl", "--task", "series", "--out", out, *flags, "--no-baseline")
    with training_process(*words) as training:
        training.wait_for_step(5)
        training.child.kill()
        assert training.child.wait() == -signal.SIGKILL
    assert not out.exists()
    with training_process(*words, "--json", "--resume") as training:
        _, said = training.child.communicate(timeout=120)
        assert training.child.returncode == 0, said
    assert "Resuming after step" in said
    weights = [(tmp_path / name / "weights.safetensors").read_bytes() for name in ("whole", "m")]
    assert weights[0] == weights[1]
