"""The record as CSV: appended to, continued after a kill, and read back with the csv module."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recurra.errors import OutputError
from recurra.terminal.progress import visible
from recurra.training.records.csv import CsvRecorder
from recurra.training.records.recorder import Point
from support.records import csv_figures, csv_parameters

POINTS = [Point("step/loss", 1, 0.1 + 0.2, 1.5), Point("epoch/valid_loss", 7, 1e-300, 2.0), Point("step/loss", 2, 3, 4)]
FIGURES = [("step/loss", 1, 0.1 + 0.2), ("epoch/valid_loss", 7, 1e-300), ("step/loss", 2, 3.0)]


def test_points_are_there_after_each_write(tmp_path: Path) -> None:
    recorder = CsvRecorder(tmp_path / "log", "m")
    token = recorder.begin()
    for count, point in enumerate(POINTS, 1):
        recorder.write([point])
        assert csv_figures(tmp_path / "log") == FIGURES[:count]
    assert "1970-01-01T00:00:01.500+00:00,1,step/loss,0.30000000000000004\n" in (
        (tmp_path / "log" / "metrics.csv").read_text()
    )
    assert recorder.continues(token)
    assert not CsvRecorder(tmp_path / "other", "m").continues(token)


@pytest.mark.parametrize("left", [b"", b"1970-01-01T00:00:00,9,step/loss,0.5", b"1", b'"a,'])
def test_half_of_a_line_is_dropped_when_a_record_goes_on(tmp_path: Path, left: bytes) -> None:
    first = CsvRecorder(tmp_path, "m")
    token = first.begin()
    first.write(POINTS[:2])
    with (tmp_path / "metrics.csv").open("ab") as file:
        file.write(left)
    second = CsvRecorder(tmp_path, "m")
    assert second.resume(token) == {"step/loss": 1, "epoch/valid_loss": 7}
    second.write(POINTS[2:])
    assert csv_figures(tmp_path) == FIGURES


@given(values=st.dictionaries(st.text(min_size=1), st.text() | st.integers() | st.booleans() | st.floats(-9, 9)))
def test_parameters_are_read_back(values: dict[str, str | int | float | bool]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        recorder = CsvRecorder(Path(folder), "m")
        recorder.begin()
        recorder.parameters(values)
        recorder.finish({"digest": "abc"})
        expected = {visible(name): visible(str(value)) for name, value in values.items()}
        assert csv_parameters(Path(folder)) == expected | {"digest": "abc"}


def test_a_new_record_replaces_an_earlier_one_where_it_may(tmp_path: Path) -> None:
    first = CsvRecorder(tmp_path, "m")
    first.check(replace=False)
    first.begin()
    first.parameters({"hidden": 8})
    first.write(POINTS)
    with pytest.raises(OutputError, match=r"--log csv: .*metrics\.csv is the record of an earlier run.*--overwrite"):
        CsvRecorder(tmp_path, "m").check(replace=False)
    second = CsvRecorder(tmp_path, "m")
    second.check(replace=True)
    assert csv_figures(tmp_path) == FIGURES, "a check changes nothing"
    second.begin()
    assert csv_figures(tmp_path) == [] and not (tmp_path / "run.csv").exists()
