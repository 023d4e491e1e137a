"""`recurra inspect`: what a model is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import recurra
from recurra import SequenceClassifier


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
