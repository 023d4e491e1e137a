"""`recurra inspect`: what a model is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import recurra
from recurra import SequenceClassifier
from support.tampered_models import copied, put
from support.written_models import MODELS


def test_inspect(
    cli: Callable[..., Any], trained: tuple[Path, dict[str, Any]], only_json: Callable[[str], dict[str, Any]]
) -> None:
    directory, metrics = trained
    shown = cli("inspect", directory).stdout
    accuracy = f"{metrics['test']['accuracy']:.1%}"
    for words in (
        "2 classes (negative, positive)",
        "1 x LSTM(8), both",
        "max-mean pooling",
        accuracy,
        "30 held out",
        "Baseline",
    ):
        assert words in shown
    found = only_json(cli("inspect", directory, "--json").stdout)
    assert found["labels"] == ["negative", "positive"]
    assert found["schema"] == 1
    assert found["engine"] == recurra.load(directory).engine.name
    assert found["metrics"]["test"]["accuracy"] == metrics["test"]["accuracy"]
    assert "mistakes" not in found["metrics"], "rows of the data are in the report, not here"
    assert found["bytes"] == sum(p.stat().st_size for p in directory.iterdir() if p.name != "manifest.json")


def test_inspect_what_the_classifier_saved(cli: Callable[..., Any], tmp_path: Path) -> None:
    classifier = SequenceClassifier(hidden=2, embedding=2, epochs=1, threads=1)
    classifier.fit(["good film", "bad film"] * 10, [True, False] * 10).save(tmp_path / "m")
    result = cli("inspect", tmp_path / "m")
    assert result.exit_code == 0
    assert "2 classes (False, True)" in result.stdout


@pytest.mark.parametrize(
    "content", ["null", "[1]", '{"test": NaN}', '{"a": 1, "a": 2}', "[" * 100_000, "{} {}", "\xff"]
)
def test_metrics_that_are_no_json_object_are_refused(cli: Callable[..., Any], content: str, tmp_path: Path) -> None:
    model = copied(MODELS / "classify", tmp_path / "model")
    put(model, "metrics.json", content.encode("latin-1"))
    result = cli("inspect", model)
    assert result.exit_code == 1 and "metrics.json" in result.stderr and "Traceback" not in result.stderr


@pytest.mark.parametrize("task", ["classify", "generate", "tag", "translate", "chat"])
@pytest.mark.parametrize("content", ['{"test": {"a": 1}}', '{"test": "x"}', '{"split": [], "test": 1}'])
def test_scores_of_another_form_are_refused_and_still_there_as_json(
    cli: Callable[..., Any], only_json: Callable[[str], dict[str, Any]], task: str, content: str, tmp_path: Path
) -> None:
    model = copied(MODELS / task, tmp_path / "model")
    put(model, "metrics.json", content.encode())
    result = cli("inspect", model)
    assert result.exit_code == 1 and "not as training writes them" in result.stderr
    assert only_json(cli("inspect", model, "--json").stdout)["metrics"].keys() <= {"test", "split"}
