"""The task `multilabel` from a file to answers, through the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from typer.testing import CliRunner

import recurra
from recurra.cli.app import app
from recurra.cli.train import train
from recurra.tasks.configuration import task_options
from recurra.terminal.progress import Reporter
from support.labelled import LABELS, TINY, labelled_rows, write_indicators, write_labelled

QUIET = Reporter(quiet=True)


def run(*words: object) -> tuple[str, str]:
    found = CliRunner().invoke(app(), list(map(str, words)), catch_exceptions=False)
    assert found.exit_code == 0, found.output
    return found.stdout, found.stderr


def test_the_report_and_the_manifest_hold_scores_and_thresholds(labelled_model: tuple[Path, dict[str, Any]]) -> None:
    directory, metrics = labelled_model
    test = metrics["test"]
    assert test["micro_f1"] > 0.85 and metrics["labels"] == LABELS and metrics["split"]["test"] == 40
    manifest = json.loads((directory / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["metrics"]["thresholds"] == metrics["thresholds"]["values"]
    assert manifest["metrics"]["micro_f1"] == test["micro_f1"]
    assert manifest["data"]["separator"] == ";" and manifest["data"]["labels"] == []
    assert manifest["network"]["link"] == "sigmoid"
    assert {"README.md", "report.html", "curves.png"} <= set(manifest["files"])
    rows = labelled_rows(400)
    model = recurra.load(directory, task="multilabel")
    assert metrics["paired"]["difference"] == pytest.approx(test["micro_f1"] - metrics["baseline"]["micro_f1"])
    assert len(model.predict([text for text, _ in rows])) == 400


def test_answers_to_texts(labelled_model: tuple[Path, Any]) -> None:
    out, _ = run("predict", labelled_model[0], "bread and a song", "zzzz qqqq")
    first, second = out.splitlines()
    assert {one.partition(":")[0] for one in first.split("\t")} == {"food", "music"}
    assert second.endswith("nothing known was read")
    out, _ = run("predict", labelled_model[0], "very", "--json", "--threshold", 0.999999)
    assert json.loads(out)["predictions"][0]["labels"] == []
    out, _ = run("inspect", labelled_model[0])
    assert "multilabel: 4 labels" in out and "Thresholds" in out
    out, _ = run("explain", labelled_model[0], "bread and a song", "--target", "music")
    assert "song[+" in out


def test_evaluation_of_new_rows(labelled_model: tuple[Path, Any], tmp_path: Path) -> None:
    data = write_labelled(tmp_path / "new.csv", labelled_rows(60, seed=5))
    found = json.loads(run("evaluate", labelled_model[0], data, "--json")[0])
    assert found["rows"] == 60 and found["micro_f1"] > 0.8
    half = json.loads(run("evaluate", labelled_model[0], data, "--json", "--threshold", 0.5)[0])
    assert half["micro_f1"] == found["at_half"]["micro_f1"]


@pytest.mark.parametrize("kind", ["columns", "parquet", "fasttext"])
def test_other_kinds_of_files_train_alike(tmp_path: Path, kind: str) -> None:
    rows = labelled_rows(120, seed=7)
    options: dict[str, Any] = {**TINY, "epochs": 1, "baseline": False}
    if kind == "columns":
        path = write_indicators(tmp_path / "t.csv", rows)
        options |= {"labels": ",".join(LABELS), "threshold": 0.4}
    elif kind == "parquet":
        path = tmp_path / "t.parquet"
        pl.DataFrame({"text": [t for t, _ in rows], "labels": [labels for _, labels in rows]}).write_parquet(path)
    else:
        path = tmp_path / "t.txt"
        rows.sort(key=lambda row: not row[1])  # a file for fastText begins with a label
        lines = [" ".join([*(f"__label__{label}" for label in labels), text]) for text, labels in rows]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    metrics = train(str(path), tmp_path / "model", task_options(options), reporter=QUIET)
    assert metrics["labels"] == LABELS and metrics["data"]["rows"] == 120 and metrics["baseline"] is None
    assert metrics["hygiene"]["none_rows"] == sum(not labels for _, labels in rows)
    if kind == "columns":
        assert metrics["thresholds"] == {"values": [0.4] * 4, "common": 0.4, "weight": None}
        result = json.loads(run("evaluate", tmp_path / "model", path, "--json")[0])
        assert result["rows"] == 120


def test_all_rows_may_train_and_several_networks(tmp_path: Path) -> None:
    path = write_labelled(tmp_path / "t.csv", labelled_rows(120, seed=7))
    options = task_options({**TINY, "epochs": 1, "split": 0.0, "ensemble": 2})
    metrics = train(str(path), tmp_path / "model", options, reporter=QUIET)
    assert metrics["test"] is None and len(metrics["ensemble"]["members"]) == 2
    assert recurra.load(tmp_path / "model", task="multilabel").predict_proba(["bread"]).shape == (1, 4)
