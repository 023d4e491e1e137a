"""Evaluation of a loaded model: the scores of its answers to the series that it can judge."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from recurra.errors import DataError, OptionError
from recurra.tasks.series.evaluate import evaluate
from recurra.tasks.series.metrics import score
from recurra.tasks.series.options import SeriesEvaluateOptions
from recurra.terminal.progress import Reporter
from support.series import made
from support.series_files import write_lists

QUIET = Reporter(quiet=True)


def test_labels_that_the_model_knows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = made(channels=2, masks=0)  # low, mid, high
    path = write_lists(tmp_path / "a.jsonl", 12)
    text = path.read_text().replace('"slow"', '"low"').replace('"fast"', '"mid"').replace('"both"', '"High"', 1)
    path.write_text(text.replace('"both"', '"high"'))
    result = evaluate(model, str(path), SeriesEvaluateOptions(), Reporter())
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    known = [row for row in rows if row["label"] != "High"]
    labels = ["low", "mid", "high"]
    expected = score(
        model.outputs([row["frames"] for row in known]),
        np.array([labels.index(row["label"]) for row in known]),
        labels,
    )
    assert {name: result[name] for name in expected} == expected and result["left_out"] == 1
    assert "did you mean 'high'" in " ".join(capsys.readouterr().err.split())


def test_numbers(tmp_path: Path) -> None:
    model = made(kind="regress", outputs=1, channels=2, masks=0)
    path = write_lists(tmp_path / "a.jsonl", 8)
    result = evaluate(model, str(path), SeriesEvaluateOptions(), QUIET)
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    off = [abs(float(model.predict([row["frames"]])[0]) - row["target"]) for row in rows]
    assert result["mae"] == pytest.approx(np.mean(off), rel=1e-4)
    with pytest.raises(OptionError, match="predicts numbers: name them with --target"):
        evaluate(model, str(path), SeriesEvaluateOptions(label="label"), QUIET)


def test_no_label_that_it_knows(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"No series of .* has an answer that the model knows"):
        evaluate(made(channels=2, masks=0), str(write_lists(tmp_path / "a.jsonl", 4)), SeriesEvaluateOptions(), QUIET)


def test_series_without_a_value_are_left_out_and_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = made(channels=1, masks=0)
    path = tmp_path / "a.csv"
    path.write_text("unique_id,ds,c0,label\na,1,3,low\nb,1,,low\nc,1,4,high\nd,1,5,\n")
    result = evaluate(model, str(path), SeriesEvaluateOptions(), Reporter())
    told = " ".join(capsys.readouterr().err.split())
    assert (result["rows"], result["left_out"]) == (2, 2)
    assert "1 series without a value" in told and "1 series without an answer" in told
