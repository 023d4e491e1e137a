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
from support.series import waves
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


def test_a_model_of_class_folders_answers_tables_and_folders_without_classes(tmp_path: Path) -> None:
    for row, (values, label) in enumerate(zip(*waves(30), strict=True)):
        for place in (tmp_path / "data" / NAMES[label], *([tmp_path / "new"] if row < 3 else [])):
            place.mkdir(parents=True, exist_ok=True)
            lines = [f"{x:.5f},{y:.5f}" for x, y in values]
            (place / f"{row:02}.csv").write_text("\n".join(["x,y", *lines]) + "\n")
    options = task_options({**TINY, "split": 0.3})
    train(str(tmp_path / "data"), tmp_path / "model", options, reporter=QUIET)
    out, _ = run("predict", tmp_path / "model", tmp_path / "new" / "01.csv")
    assert out.startswith("01.csv\t") and out.count("\n") == 1
    several, _ = run("predict", tmp_path / "model", tmp_path / "new")
    assert [line.split("\t")[0] for line in several.splitlines()] == ["00.csv", "01.csv", "02.csv"]
    assert out in several
    run("predict", tmp_path / "model", "--input", tmp_path / "new", "--output", tmp_path / "a.csv")
    assert len((tmp_path / "a.csv").read_text().splitlines()) == 4
    assert (
        json.loads(run("explain", tmp_path / "model", tmp_path / "new" / "01.csv", "--json")[0])["series"] == "01.csv"
    )


def test_without_an_input_it_is_told_what_the_model_takes(model: Path) -> None:
    told = " ".join(run("predict", model)[1].split())
    assert "Nothing was given" in told and "A model of the task series takes series of numbers" in told
    assert "NEW.csv" in told
