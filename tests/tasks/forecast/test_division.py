"""The last horizon is held out, and nothing that is learnt from reaches into it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from recurra.errors import DataError
from recurra.tasks.forecast.division import divide
from recurra.tasks.forecast.forecast_file import ForecastFile, read_file
from recurra.tasks.forecast.options import ForecastFileOptions
from recurra.terminal.progress import Reporter
from support.forecast_files import long_rows, month, write_table


def read(path: Path, rows: list[dict[str, object]], test: Path | None = None, future: bool = True) -> ForecastFile:
    covariates = {"future": ["price"]} if future else {}
    options = ForecastFileOptions()
    return read_file(write_table(path, rows), options, Reporter(quiet=True), covariates=covariates, test=test)


def test_the_last_horizon_of_each_series(tmp_path: Path) -> None:
    found = read(tmp_path / "a.csv", long_rows(4, 20))
    division = divide(found, 6, None)
    assert "the last 6 steps of each of 4 series held out" in division.how and not division.notes
    for whole, before, held in zip(found.histories, division.learnt, division.held_out, strict=True):
        np.testing.assert_array_equal(np.append(before.values, held.truth), whole.values)
        assert held.history is before and before.future is not None
        np.testing.assert_array_equal(before.future, whole.future)


def test_series_that_are_too_short_are_learnt_from_alone(tmp_path: Path) -> None:
    rows = long_rows(3, 20) + [{**row, "unique_id": "short"} for row in long_rows(1, 8)]
    division = divide(read(tmp_path / "a.csv", rows), 6, None)
    assert [one.series for one in division.held_out] == [0, 1, 2] and len(division.learnt[3]) == 8
    assert "the last 6 steps of 3 of 4 series" in division.how
    assert division.notes == ["1 series ('short') is too short to hold out the last 6 steps."]
    with pytest.raises(DataError, match="No series has 3 known values before its last 40 steps"):
        divide(read(tmp_path / "b.csv", rows), 40, None)


def test_what_a_second_file_says_came_later(tmp_path: Path) -> None:
    rows = long_rows(3, 20)
    first = [row for row in rows if row["ds"] < month(14)]
    second = [row for row in rows if row["ds"] >= month(15) and row["unique_id"] != "shop 1"]  # a month is missing
    test = write_table(tmp_path / "later.csv", second)
    found = read(tmp_path / "a.csv", first, test)
    division = divide(found, 4, str(test))
    assert [len(one) for one in division.learnt] == [14, 13, 12]
    assert [one.series for one in division.held_out] == [0, 2]
    for one in division.held_out:
        own = {row["ds"]: row["y"] for row in second if row["unique_id"] == one.history.name}
        expected = [own.get(month(step), np.nan) for step in range(14, 18)]
        np.testing.assert_array_equal(one.truth, expected)
    assert any("('shop 1') is not judged" in note for note in division.notes)
    assert any("goes on beyond 4 steps in 2 series" in note for note in division.notes)
    assert division.how.startswith("held out: later.csv, after 2 of 3 series")


def test_a_second_file_that_continues_nothing(tmp_path: Path) -> None:
    rows = long_rows(2, 20, ahead=0)
    test = write_table(tmp_path / "later.csv", [{**row, "unique_id": "other"} for row in long_rows(1, 9)])
    with pytest.raises(DataError, match="has no value within 4 steps after the end of a series to train on"):
        divide(read(tmp_path / "a.csv", rows, test), 4, str(test))
