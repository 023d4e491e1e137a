"""The task `regress` from a table to a model directory and back, through the command line's own functions."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from recurra.cli.app import app
from recurra.cli.train import train
from recurra.errors import DataError, OptionError
from recurra.storage import model_directory
from recurra.tasks.configuration import task_options
from recurra.tasks.registry import load
from recurra.terminal.progress import Reporter
from support.regressors import TINY, rated, write_rated

QUIET = Reporter(quiet=True)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("regress")
    write_rated(place / "reviews.csv", 400)
    write_rated(place / "new.csv", 40, seed=9)
    return place


@pytest.fixture(scope="module")
def metrics(folder: Path) -> dict[str, Any]:
    options = task_options({**TINY, "ensemble": 2, "interval": 0.8, "valid": 0.2})
    return train(str(folder / "reviews.csv"), folder / "model", options, reporter=QUIET)


def run(*words: object, fails: bool = False) -> tuple[str, str]:
    found = CliRunner().invoke(app(), list(map(str, words)))
    assert (found.exit_code != 0) == fails, found.output
    return found.stdout, found.stderr


def test_it_learns_and_everything_is_measured(metrics: dict[str, Any]) -> None:
    test = metrics["test"]
    assert test["r2"] > 0.5
    assert test["mae"] < metrics["constant"]["mae"]
    assert test["coverage"] > 0.5
    assert metrics["baseline"]["mae"] > 0
    assert set(metrics["paired"]) == {"difference", "difference_ci95", "p_value"}
    assert len(metrics["ensemble"]["members"]) == 2
    assert metrics["data"]["target"] == "stars"
    assert metrics["intervals"]["level"] == 0.8
    assert metrics["history"][0]["valid_mae"] > 0


def test_the_model_answers_alike_by_the_kernel_and_the_graph(
    folder: Path, metrics: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    texts, numbers = rated(30, seed=5)
    found = load(folder / "model", task="regress")
    values, ends = found.predict(texts), found.predict_interval(texts)
    assert ((ends[:, 0] <= values) & (values <= ends[:, 1])).all()
    assert np.corrcoef(values, numbers)[0, 1] > 0.6
    monkeypatch.setenv("RECURRA_ENGINE", "onnxruntime")
    np.testing.assert_allclose(load(folder / "model").predict(texts), values, atol=1e-4)


def test_evaluation(folder: Path, metrics: dict[str, Any]) -> None:
    out, _ = run("evaluate", folder / "model", folder / "new.csv", "--json")
    result = json.loads(out)
    model = load(folder / "model", task="regress")
    texts, numbers = rated(40, seed=9)
    assert result["mae"] == pytest.approx(np.abs(model.predict(texts) - numbers).mean())
    out, told = run("evaluate", folder / "model", folder / "reviews.csv")
    assert "Mean absolute error" in out
    assert "These are the very data" in told


def test_predictions(folder: Path, metrics: dict[str, Any]) -> None:
    out, _ = run("predict", folder / "model", "fine fine film", "poor poor film")
    good, bad = ([float(cell) for cell in line.split("\t")[:3]] for line in out.splitlines())
    assert good[0] > bad[0]
    assert good[1] <= good[0] <= good[2]
    out, _ = run("predict", folder / "model", "--input", folder / "new.csv", "--output", folder / "a.csv", "--json")
    assert json.loads(out)["rows"] == 40
    with (folder / "a.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["review", "stars", "prediction", "lo", "hi", "truncated"]
    expected = load(folder / "model", task="regress").predict([row["review"] for row in rows])
    np.testing.assert_allclose([float(row["prediction"]) for row in rows], expected, rtol=1e-5)


def test_explanation_and_inspection(folder: Path, metrics: dict[str, Any]) -> None:
    out, _ = run("explain", folder / "model", "fine film was poor", "--json", "--html", folder / "why.html")
    words = {word["text"]: word["contribution"] for word in json.loads(out)["words"]}
    assert words["fine"] > 0 > words["poor"]
    assert "raises the number" in (folder / "why.html").read_text(encoding="utf-8")
    assert "lowers it" in run("explain", folder / "model", "fine film was poor")[0]
    assert "no labels to choose from" in run("explain", folder / "model", "a", "--target", "3", fails=True)[1]
    out, _ = run("inspect", folder / "model")
    assert "a number (stars)" in out
    assert "80% asked for" in out
    assert model_directory.read_manifest(folder / "model").labels == []


def test_report_and_card_have_every_part(folder: Path, metrics: dict[str, Any]) -> None:
    report = (folder / "model" / "report.html").read_text(encoding="utf-8")
    for heading in ("Predictions and truths", "When to trust an answer", "Where it errs", "Largest errors", "members"):
        assert heading in report
    card = (folder / "model" / "README.md").read_text(encoding="utf-8")
    assert "ridge regression" in card
    assert "predict_interval" in card


@pytest.mark.parametrize(
    ("cell", "message"), [("1,5", r"row 3.*decimal point"), ("1 000", r"row 3.*separators"), ("good", r"row 3")]
)
def test_a_cell_that_is_no_number_stops_the_training(tmp_path: Path, cell: str, message: str) -> None:
    path = write_rated(tmp_path / "bad.csv", 30)
    lines = path.read_text().splitlines()
    lines[3] = lines[3].rpartition(",")[0] + f',"{cell}"'
    path.write_text("\n".join(lines))
    with pytest.raises(DataError, match=message):
        train(str(path), tmp_path / "model", task_options(TINY), reporter=QUIET)
    assert not (tmp_path / "model").exists()


def test_data_from_which_nothing_can_be_learnt_are_refused(tmp_path: Path) -> None:
    (tmp_path / "same.csv").write_text("text,stars\n" + "".join(f"w{n},3\n" for n in range(30)))
    (tmp_path / "none.csv").write_text("text,stars\n" + "".join(f"w{n},\n" for n in range(30)))
    for name, message in (("same", "all of them have the number 3"), ("none", "no row with both")):
        with pytest.raises(DataError, match=message):
            train(str(tmp_path / f"{name}.csv"), tmp_path / "model", task_options(TINY), reporter=QUIET)


def test_options_that_exclude_each_other() -> None:
    with pytest.raises(OptionError, match="both name the held-out rows"):
        task_options({**TINY, "split_column": "part", "test": "other.csv"})
    with pytest.raises(OptionError, match="interval"):
        task_options({**TINY, "interval": 1.0})
