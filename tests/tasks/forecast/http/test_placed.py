"""Values at times are put in order, with what is missing between."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from recurra.data.series.frequency import written
from recurra.http.errors import HTTPError
from recurra.tasks.forecast.history import History
from recurra.tasks.forecast.http.placed import placed

DAY = written("D")
DAYS = [f"2024-01-0{day}" for day in (1, 2, 3, 5, 6)]


def test_order_and_gaps() -> None:
    order = [3, 0, 4, 1, 2]
    values = np.array([10.0 * row for row in range(5)])
    found = placed(History(values[order], "a"), [DAYS[row] for row in order], DAY, "series")
    np.testing.assert_array_equal(found.history.values, [0, 10, 20, np.nan, 30, 40])
    assert found.time(1) == "2024-01-07" and found.places == [4, 0, 5, 1, 2] and found.history.name == "a"


def test_covariates_go_on_after_the_last_value() -> None:
    history = History(np.array([1.0, 2.0, 3.0]), None, np.array([[7.0], [8], [9]]), np.arange(10.0).reshape(5, 2))
    found = placed(history, DAYS, DAY, "series")
    np.testing.assert_array_equal(found.history.values, [1, 2, 3])
    np.testing.assert_array_equal(found.history.past, [[7], [8], [9]])
    np.testing.assert_array_equal(found.history.future[[0, 1, 2, 4, 5]], history.future)
    assert np.isnan(found.history.future[3]).all() and found.time(1) == "2024-01-04"


@pytest.mark.parametrize(
    ("times", "message"),
    [
        ("secret", "must be a list of times"),
        (["secret"] * 5, "must be dates and times, or all numbers"),
        ([1, 2, 3, 4, 5], "must be a list of times"),
        (DAYS[:4], "has 4 times for 5 values"),
        ([*DAYS, "2024-01-07"], "has 6 times for 5 values"),
        ([DAYS[0], *DAYS[:4]], "each once"),
        (["1", "2", "3", "4", "1e300"], "each once"),
        (["1", "2", "3", "4", "inf"], "each once"),
        (["2024", "2024-01", "2024-02", "2024-03", "2024-04"], "each once"),
        ([f"2024-0{n}-01" for n in range(1, 6)], "are M apart; the model was trained on steps of D"),
        (["1", "2", "3", "4", "5"], "are 1 apart; the model was trained on steps of D"),
    ],
)
def test_what_are_no_such_times(times: Any, message: str) -> None:
    with pytest.raises(HTTPError) as raised:
        placed(History(np.arange(5.0)), times, DAY, "series.0")
    assert message in raised.value.message and "secret" not in raised.value.message
    with pytest.raises(HTTPError, match="not known"):
        placed(History(np.arange(5.0)), DAYS, None, "series")
