"""Rows at times become series with a value, or a gap, at each step."""

from __future__ import annotations

import numpy as np
import pytest

from recurra.data.series.frequency import written
from recurra.data.series.timeline import timeline
from recurra.errors import DataError, ReadError


def values(count: int) -> np.ndarray:
    return np.arange(1.0, count + 1)[:, None]


def test_gaps_are_filled_and_counted_and_rows_sorted() -> None:
    names = ["b", "a", "b", "a", "b", "a"]
    times = ["2024-05-01", "2024-01-01", "2024-01-01", "2024-03-01", "2024-02-01", "2024-02-01"]
    found = timeline("sales.csv", names, times, values(6))
    first, second = found.series
    assert str(found.frequency) == "M"
    assert (first.name, first.start, first.end, first.gaps) == ("b", "2024-01-01", "2024-05-01", 2)
    np.testing.assert_array_equal(first.values[:, 0], [3, 5, np.nan, np.nan, 1])
    np.testing.assert_array_equal(first.rows, [3, 5, 0, 0, 1])
    np.testing.assert_array_equal(second.values[:, 0], [2, 6, 4])
    assert found.notes == [
        "The rows are not sorted by series and time; they were sorted.",
        "2 of 8 steps have no row and are taken as missing values, 2 of them in series 'b'.",
    ]


def test_nothing_to_say() -> None:
    found = timeline("f", ["a", "a", "c"], ["1990", "1991", "1991"], values(3))
    assert (found.notes, len(found.series), found.series[1].start) == ([], 2, "1991")
    alone = timeline("f", ["a", "b"], ["2024-01-01", "2024-01-09"], values(2))
    assert alone.frequency is None
    assert [len(one.values) for one in alone.series] == [1, 1]


def test_a_row_that_is_there_twice_is_named() -> None:
    with pytest.raises(DataError, match=r"f, row 4: series 'a' has the time '2024-01-01' a second time, after row 2"):
        timeline("f", ["a", "a", "b", "a"], ["2024-01-02", "2024-01-01", "2024-01-01", "2024-01-01"], values(4))


def test_several_frequencies_are_named() -> None:
    names = ["day", "day", "week", "week"]
    times = ["2024-01-01", "2024-01-02", "2024-01-01", "2024-01-08"]
    with pytest.raises(DataError, match="several frequencies: 'day' of D, 'week' of W"):
        timeline("f", names, times, values(4))
    found = timeline("f", names, times, values(4), written("D"))
    assert [one.gaps for one in found.series] == [0, 6]


def test_what_is_between_steps_is_named() -> None:
    times = ["2024-01-01", "2024-01-02", "2024-01-03", "2024-01-03T12:00:00"]
    with pytest.raises(DataError, match=r"row 4: series 'a' .* no whole number of steps of D after its first"):
        timeline("f", ["a"] * 4, times, values(4))
    with pytest.raises(DataError, match=r"row 2: series 'a' has the time '2024-01-02'.* steps of M"):
        timeline("f", ["a"] * 3, times[:3], values(3), written("M"))


def test_times_that_are_none() -> None:
    with pytest.raises(ReadError, match="row 2: the time is 'soon'"):
        timeline("f", ["a", "a"], ["2024-01-01", "soon"], values(2))
    with pytest.raises(DataError, match="which no step of M leads to"):
        timeline("f", ["a", "a"], ["1", "2"], values(2), written("M"))


def test_a_wrong_frequency_does_not_fill_the_memory() -> None:
    times = ["202311", "202312", "202401", "990001"]
    with pytest.raises(DataError, match=r"4 rows and would have 787,691 steps of 1"):
        timeline("f", ["a"] * 4, times, values(4))


def test_the_usual_frequency_is_meant_where_gaps_hide_it() -> None:
    times = ["2024-01-31", "2024-03-31", "2024-04-30", "2024-06-30"]
    with pytest.raises(DataError, match="no whole number of steps of 2M"):
        timeline("f", ["a"] * 4, times, values(4))
    found = timeline("f", ["a"] * 4, times, values(4), usual=written("M"))
    assert str(found.frequency) == "M"
    np.testing.assert_array_equal(found.series[0].values[:, 0], [1, np.nan, 2, 3, np.nan, 4])
    with pytest.raises(DataError, match="no whole number"):
        timeline("f", ["a"] * 4, times, values(4), usual=written("Q"))


def test_two_rows_say_nothing_of_the_frequency() -> None:
    names = ["a"] * 4 + ["b"] * 2
    times = ["2024-01-01", "2024-01-02", "2024-01-03", "2024-01-04", "2024-01-01", "2024-01-03"]
    found = timeline("f", names, times, values(6))
    assert str(found.frequency) == "D" and [len(one.values) for one in found.series] == [4, 3]


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        (["2023-12-28", "2024-01-28", "2024-02-28"], "2024-03-28"),
        (["2022-01-28", "2022-02-28"], "2022-03-28"),
        (["2023-12-31", "2024-01-31", "2024-02-29"], "2024-03-31"),
        (["2023-02-28", "2023-03-28"], "2023-04-28"),
    ],
)
def test_months_go_on_at_their_day(times: list[str], expected: str) -> None:
    found = timeline("f", ["a"] * len(times), times, values(len(times)), written("M"))
    assert found.frequency is not None
    (series,) = found.series
    assert [series.time(found.frequency, step) for step in range(len(times) + 1)] == [*times, expected]
