"""Answers to JSON and to files are the model's own, with the times that follow."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from recurra.errors import DataError, OptionError
from recurra.tasks.forecast.options import ForecastPredictOptions
from recurra.tasks.forecast.predict import from_json, one_series, parsed, predict
from support.forecast import made
from support.forecast_files import long_rows, month, write_table

OPTIONS = ForecastPredictOptions()


def test_lists_of_numbers_are_counted_from_one() -> None:
    model = made()
    answers = list(predict(model, ["[1, 2, null, 4, 6]", " [9, 8, 7]"], ForecastPredictOptions(horizon=2)))
    expected = model.predict([[1, 2, np.nan, 4, 6], [9, 8, 7]], 2)
    for answer, quantiles in zip(answers, expected, strict=True):
        assert [step["ds"] for step in answer["forecast"]] == [1, 2] and "series" not in answer
        found = [[step["lo"], step["y"], step["hi"]] for step in answer["forecast"]]
        np.testing.assert_allclose(found, quantiles)


def test_all_series_of_a_file_with_the_times_that_follow(tmp_path: Path) -> None:
    rows = long_rows(3, 20)
    model = made()
    answers = list(predict(model, [str(write_table(tmp_path / "a.csv", rows))], OPTIONS))
    values = [[row["y"] for row in rows if row["unique_id"] == f"shop {n}"] for n in range(3)]
    for number, (answer, quantiles) in enumerate(zip(answers, model.predict(values), strict=True)):
        end = 20 + 3 * number + number
        assert answer["series"] == f"shop {number}"
        assert [step["ds"] for step in answer["forecast"]] == [month(end + step) for step in range(5)]
        np.testing.assert_allclose([step["y"] for step in answer["forecast"]], quantiles[:, 1])


def test_one_series_of_a_file(tmp_path: Path) -> None:
    model, path = made(), write_table(tmp_path / "a#b.csv", long_rows(2, 20))
    history, (before, times) = one_series(model, f"{path}#shop 1", OPTIONS)
    assert history.name == "shop 1" and list(before) == [month(step + 1) for step in range(23)]
    assert list(times) == [month(24 + step) for step in range(5)]
    assert one_series(model, "[1, null, 2, 3]", OPTIONS)[1] == (range(1, 5), range(1, 6))
    with pytest.raises(DataError, match=r"has 2 series. Name one of them after a #, such as .*#shop 0"):
        one_series(model, str(path), OPTIONS)
    with pytest.raises(DataError, match=r"has no series 'shop 2'\. Did you mean"):
        one_series(model, f"{path}#shop 2", OPTIONS)


@pytest.mark.parametrize("text", ["[1, 2", "[1, true, 3]", '["1"]', "[[1], [2]]", "[1, 2, 1e31]"])
def test_what_is_no_series_is_refused(text: str) -> None:
    with pytest.raises(DataError, match=r"^A series (must be|has values)"):
        parsed(text)


def test_numbers_and_nulls() -> None:
    np.testing.assert_array_equal(from_json([1, None, 2.5]), [1, np.nan, 2.5])
    with pytest.raises(DataError):
        from_json({"a": 1})


def test_a_horizon_beyond_the_models_and_short_series() -> None:
    with pytest.raises(OptionError, match="up to 5 steps, not 6"):
        list(predict(made(), ["[1, 2, 3]"], ForecastPredictOptions(horizon=6)))
    with pytest.raises(DataError, match="2 known values; at least 3"):
        list(predict(made(), ["[1, 2, null]"], OPTIONS))
