"""Whole files are answered into tables of every format, and a run that was stopped goes on."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import duckdb
import numpy as np
import pytest

from recurra.errors import DataError, OptionError, OutputError
from recurra.inference.kernel_layers import available
from recurra.tasks.series import predict_file as module
from recurra.tasks.series.engines import KernelEngine
from recurra.tasks.series.model import SeriesModel
from recurra.tasks.series.options import SeriesPredictOptions
from recurra.tasks.series.predict_file import predict_file
from recurra.terminal.progress import Reporter
from support.series import made, weights_of
from support.series_files import write_lists, write_long

needs_kernel = pytest.mark.skipif(not available(), reason="there is no kernel for this processor here")
QUIET = Reporter(quiet=True)


def expected(model: SeriesModel, path: Path) -> list[tuple[str, float]]:
    frames = [json.loads(line)["frames"] for line in path.read_text().splitlines()]
    chances = model.predict_proba(frames)
    return [(str(model.classes_[row.argmax()]), float(row.max())) for row in chances]


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".jsonl", ".parquet"])
def test_formats(tmp_path: Path, suffix: str) -> None:
    model, path, output = made(channels=2, masks=0), write_lists(tmp_path / "a.jsonl", 7), tmp_path / f"out{suffix}"
    counts = predict_file(model, str(path), output, SeriesPredictOptions(id="name"), reporter=QUIET)
    assert counts["rows"] == 7 and counts["output"] == str(output)
    if suffix == ".parquet":
        rows = duckdb.read_parquet(str(output)).fetchall()
    elif suffix == ".jsonl":
        rows = [tuple(json.loads(line).values()) for line in output.read_text().splitlines()]
    else:
        rows = list(csv.reader(output.read_text().splitlines(), delimiter="," if suffix == ".csv" else "\t"))
        assert rows.pop(0) == ["name", "label", "probability"]
    assert [row[0] for row in rows] == [f"n{row}" for row in range(7)]
    for row, (label, chance) in zip(rows, expected(model, path), strict=True):
        assert row[1] == label and float(row[2]) == pytest.approx(chance, abs=1e-5)


def test_numbers_of_a_long_table(tmp_path: Path) -> None:
    model = made(kind="regress", outputs=1, channels=2, masks=0)
    path, output = write_long(tmp_path / "a.csv", 5), tmp_path / "out.csv"
    predict_file(model, str(path), output, SeriesPredictOptions(values="x,y"), reporter=QUIET)
    rows = list(csv.DictReader(output.read_text().splitlines()))
    assert [row["unique_id"] for row in rows] == [f"s{row}" for row in range(5)]
    assert np.isfinite([float(row["number"]) for row in rows]).all()


def test_a_stopped_run_goes_on_to_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model, path = made(channels=2, masks=0), write_lists(tmp_path / "a.jsonl", 30)
    monkeypatch.setattr(module, "PIECE_ROWS", 4)
    monkeypatch.setattr(module, "PART_ROWS", 8)
    whole = tmp_path / "whole.csv"
    predict_file(model, str(path), whole, SeriesPredictOptions(), reporter=QUIET)
    answered, calls = module._answered, []

    def stops(model: SeriesModel, series: list[np.ndarray], answers: object) -> object:
        calls.append(len(series))
        if len(calls) == 5:
            raise DataError("Stopped.")
        return answered(model, series, answers)

    monkeypatch.setattr(module, "_answered", stops)
    output = tmp_path / "out.csv"
    with pytest.raises(DataError, match=r"Stopped\. 16 rows are answered and kept .* --resume"):
        predict_file(model, str(path), output, SeriesPredictOptions(), reporter=QUIET)
    assert not output.exists()
    monkeypatch.setattr(module, "_answered", answered)
    counts = predict_file(model, str(path), output, SeriesPredictOptions(), resume=True, reporter=QUIET)
    assert counts["rows"] == 30 and output.read_bytes() == whole.read_bytes()
    with pytest.raises(OutputError, match="exists already"):
        predict_file(model, str(path), output, SeriesPredictOptions(), reporter=QUIET)


@pytest.mark.parametrize("engine", [pytest.param("kernel", marks=needs_kernel), "onnxruntime"])
def test_ranked_labels_and_all_probabilities(tmp_path: Path, engine: str) -> None:
    model = made(channels=2, masks=0)
    if engine == "kernel":
        model.engine = KernelEngine(model.shape, weights_of(model.shape))
    assert model.engine.name == engine
    path, output = write_lists(tmp_path / "a.jsonl", 9), tmp_path / "out.csv"
    options = SeriesPredictOptions(top=9, probabilities=True)
    assert predict_file(model, str(path), output, options, reporter=QUIET)["rows"] == 9
    chances = model.predict_proba([json.loads(line)["frames"] for line in path.read_text().splitlines()])
    rows = list(csv.DictReader(output.read_text().splitlines()))
    heads = ["label", "probability", "label_2", "probability_2", "label_3", "probability_3"]
    assert list(rows[0])[1:] == [*heads, "p(low)", "p(mid)", "p(high)"]
    for row, expected in zip(rows, chances, strict=True):
        assert [float(row[f"p({label})"]) for label in ("low", "mid", "high")] == pytest.approx(expected, abs=1e-5)
        order = sorted(range(3), key=lambda place: -expected[place])
        assert [row[head] for head in heads[::2]] == [["low", "mid", "high"][place] for place in order]
        assert [float(row[head]) for head in heads[1::2]] == pytest.approx(expected[order], abs=1e-5)


def test_a_model_of_numbers_has_no_labels(tmp_path: Path) -> None:
    model = made(kind="regress", outputs=1, channels=2, masks=0)
    for options, flags in (({"top": 2}, "--top"), ({"top": 1, "probabilities": True}, "--top and --probabilities")):
        with pytest.raises(OptionError, match=f"^{flags}: this model answers with a number"):
            predict_file(model, "none.csv", tmp_path / "out.csv", SeriesPredictOptions(**options), reporter=QUIET)
