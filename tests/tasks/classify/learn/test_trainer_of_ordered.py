"""Classes in an order from a table to a model and back, through the command line's own functions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

import recurra
from recurra.cli.app import app
from recurra.cli.train import train
from recurra.errors import LabelError, OptionError
from recurra.evaluation.ordinal import METRICS
from recurra.tasks.configuration import task_options
from recurra.terminal.progress import Reporter
from support.regressors import TINY, rated

QUIET = Reporter(quiet=True)
OPTIONS = {**TINY, "task": "classify", "ordered": True}
NAMES = ("poor", "fair", "good", "best")


def write(path: Path, rows: int, names: tuple[str, ...] = ("1", "2", "3.5", "5"), seed: int = 0) -> Path:
    texts, numbers = rated(rows, seed)
    places = np.clip(np.rint(np.array(numbers) / 2 + 1.5), 0, 3).astype(int)
    lines = ["text,label", *(f"{text},{names[place]}" for text, place in zip(texts, places, strict=True))]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def run(*words: object) -> str:
    found = CliRunner().invoke(app(), list(map(str, words)), catch_exceptions=False)
    assert found.exit_code == 0, found.output
    return found.stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("ordered")
    write(place / "rows.csv", 400)
    write(place / "new.csv", 60, seed=7)
    return place


@pytest.fixture(scope="module")
def metrics(folder: Path) -> dict[str, Any]:
    options = task_options({**OPTIONS, "valid": 0.2})
    return train(str(folder / "rows.csv"), folder / "model", options, reporter=QUIET)


def test_it_learns_and_the_order_is_measured(metrics: dict[str, Any]) -> None:
    test = metrics["test"]
    assert metrics["labels"] == ["1", "2", "3.5", "5"]
    assert test["weighted_kappa"] > 0.3
    assert test["label_error"] > 0
    assert test["steps_off_ci95"][0] <= test["steps_off"] <= test["steps_off_ci95"][1]
    assert metrics["ridge"]["steps_off"] >= 0
    assert metrics["parts"] is None
    assert metrics["history"][0]["valid_steps_off"] > 0


def test_kernel_and_graph_give_the_same_probabilities(
    folder: Path, metrics: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    texts, _ = rated(20, seed=3)
    model = recurra.load(folder / "model", task="classify")
    chances = model.predict_proba(texts)
    assert model.ordered
    np.testing.assert_allclose(chances.sum(axis=1), 1)
    monkeypatch.setenv("RECURRA_ENGINE", "onnxruntime")
    np.testing.assert_allclose(recurra.load(folder / "model").predict_proba(texts), chances, atol=1e-5)


def test_commands(folder: Path, metrics: dict[str, Any]) -> None:
    result = json.loads(run("evaluate", folder / "model", folder / "new.csv", "--json"))
    assert set(METRICS) <= set(result)
    assert "Quadratic weighted kappa" in run("evaluate", folder / "model", folder / "new.csv")
    assert "4 classes in an order" in run("inspect", folder / "model")
    explained = json.loads(run("explain", folder / "model", "fine fine film", "--json"))
    assert explained["ordered"]
    words = {word["text"]: word["contribution"] for word in explained["words"]}
    model = recurra.load(folder / "model", task="classify")
    whole = model.predict_proba(["fine fine film"])[0]
    place = [str(label) for label in model.classes_].index(str(explained["target"]))
    assert explained["log_odds"] == pytest.approx(np.log(whole[place] / (1 - whole[place])), abs=1e-3)
    assert set(words) == {"fine", "film"}
    report = (folder / "model" / "report.html").read_text(encoding="utf-8")
    assert "How far it is off" in report
    assert "rounded" in report


def test_names_need_their_order(tmp_path: Path) -> None:
    data = str(write(tmp_path / "rows.csv", 200, NAMES))
    with pytest.raises(LabelError, match="--order"):
        train(data, tmp_path / "model", task_options(OPTIONS), reporter=QUIET)
    with pytest.raises(OptionError, match="give --ordered too"):
        task_options({**TINY, "task": "classify", "order": "a,b"})
    options = task_options({**OPTIONS, "order": ",".join(NAMES), "epochs": 1, "baseline": False})
    found = train(data, tmp_path / "model", options, reporter=QUIET)
    assert found["labels"] == list(NAMES)
    assert "label_error" not in found["test"]


def test_the_estimator_keeps_the_order() -> None:
    texts, numbers = rated(120)
    labels = [NAMES[place] for place in np.clip(np.rint(np.array(numbers) / 2 + 1.5), 0, 3).astype(int)]
    options = {name: value for name, value in TINY.items() if name != "task"} | {"epochs": 1}
    found = recurra.SequenceClassifier(**options, ordered=True, order=",".join(NAMES)).fit(texts, labels)
    assert found.classes_.tolist() == list(NAMES)
    assert set(found.predict(texts)) <= set(NAMES)
    assert found.network_shape_.link == "cumulative"
