"""Whole files are forecast into tables of every format, and a run that was stopped goes on."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from recurra.errors import DataError, OptionError, OutputError
from recurra.tasks.forecast import predict_file as module
from recurra.tasks.forecast.model import ForecastModel
from recurra.tasks.forecast.options import ForecastPredictOptions
from recurra.tasks.forecast.predict import predict
from recurra.tasks.forecast.predict_file import predict_file
from recurra.terminal.progress import Reporter
from support.forecast import made
from support.forecast_files import write_long

QUIET, OPTIONS = Reporter(quiet=True), ForecastPredictOptions(horizon=3)


def expected(model: ForecastModel, path: Path) -> list[tuple[Any, ...]]:
    answers = predict(model, [str(path)], OPTIONS)
    return [(one["series"], row["ds"], row["y"], row["lo"], row["hi"]) for one in answers for row in one["forecast"]]


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".jsonl", ".parquet"])
def test_formats(tmp_path: Path, suffix: str) -> None:
    model, path, output = made(), write_long(tmp_path / "a.csv", 4, 20), tmp_path / f"out{suffix}"
    counts = predict_file(model, str(path), output, OPTIONS, reporter=QUIET)
    assert (counts["rows"], counts["series"], counts["output"]) == (12, 4, str(output))
    if suffix == ".parquet":
        rows = duckdb.read_parquet(str(output)).fetchall()
    elif suffix == ".jsonl":
        rows = [tuple(json.loads(line).values()) for line in output.read_text().splitlines()]
    else:
        rows = list(csv.reader(output.read_text().splitlines(), delimiter="," if suffix == ".csv" else "\t"))
        assert rows.pop(0) == ["unique_id", "ds", "y", "lo", "hi"]
    for row, (name, time, *numbers) in zip(rows, expected(model, path), strict=True):
        assert row[:2] == (name, time) or list(row[:2]) == [name, time]
        assert [float(value) for value in row[2:]] == pytest.approx(numbers, rel=1e-5)


def test_a_stopped_run_goes_on_to_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model, path = made(), write_long(tmp_path / "a.csv", 10, 20)
    monkeypatch.setattr(module, "PIECE", 2)
    monkeypatch.setattr(module, "PART", 4)
    whole = tmp_path / "whole.csv"
    predict_file(model, str(path), whole, OPTIONS, reporter=QUIET)
    answered, calls = module._answered, []

    def stops(*given: Any) -> object:
        calls.append(given)
        if len(calls) == 4:
            raise DataError("Stopped.")
        return answered(*given)

    monkeypatch.setattr(module, "_answered", stops)
    output = tmp_path / "out.csv"
    with pytest.raises(DataError, match=r"Stopped\. 12 rows are answered and kept .* --resume"):
        predict_file(model, str(path), output, OPTIONS, reporter=QUIET)
    assert not output.exists()
    monkeypatch.setattr(module, "_answered", answered)
    counts = predict_file(model, str(path), output, OPTIONS, resume=True, reporter=QUIET)
    assert counts["rows"] == 30 and output.read_bytes() == whole.read_bytes()
    with pytest.raises(OutputError, match="exists already"):
        predict_file(model, str(path), output, OPTIONS, reporter=QUIET)


def test_what_cannot_be_forecast_leaves_nothing(tmp_path: Path) -> None:
    path, output = write_long(tmp_path / "a.csv", 2, 20), tmp_path / "out.csv"
    with pytest.raises(OptionError, match="up to 5 steps, not 9"):
        predict_file(made(), str(path), output, ForecastPredictOptions(horizon=9), reporter=QUIET)
    named = made(future=1)
    kept = {"names": ["price"], "means": [0.0], "deviations": [1.0]}
    named.inputs = named.inputs.model_validate({**named.inputs.model_dump(), "future": kept})
    with pytest.raises(DataError, match="they must reach 3 steps further"):
        predict_file(named, str(path), output, OPTIONS, reporter=QUIET)
    assert not output.exists()
