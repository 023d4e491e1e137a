"""Times keep their order and tell equal from unequal ones."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recurra.data.series.number_text import NotANumber
from recurra.data.series.times import plain_times, time_keys


def ordered_like(texts: list[str], expected: list) -> None:  # type: ignore[type-arg]
    keys = time_keys(texts).tolist()
    assert [[a < b for a in keys] for b in keys] == [[a < b for a in expected] for b in expected]


@given(st.lists(st.integers(-(10**17), 10**17), min_size=1, max_size=8))
def test_whole_numbers_are_exact(values: list[int]) -> None:
    ordered_like([str(value) for value in values], values)


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=8))
def test_numbers(values: list[float]) -> None:
    ordered_like([repr(value) for value in values], values)


@given(st.lists(st.datetimes(datetime(1000, 1, 1)), min_size=1, max_size=8), st.sampled_from([" ", "T"]))
def test_dates_and_times(values: list[datetime], mark: str) -> None:
    ordered_like([value.isoformat(mark) for value in values], values)


@given(
    st.lists(
        st.datetimes(
            datetime(1900, 1, 1),
            timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30)), timezone(-timedelta(hours=8))]),
        ),
        min_size=1,
        max_size=8,
    )
)
def test_times_with_a_zone(values: list[datetime]) -> None:
    ordered_like([value.isoformat() for value in values], values)


def test_other_spellings() -> None:
    ordered_like(["1949-02", "1949-01", "1950-01"], [2, 1, 3])
    ordered_like(["2024-01-01", "2024-01-01T00:00:00", "2023-12-31"], [2, 2, 1])
    ordered_like(["2024-01-01 00:00:00+00", "2024-01-01T00:00:00Z"], [1, 1])
    ordered_like(["2024-01-01 00:00:00.000000001", "2024-01-01 00:00:00.000000002"], [1, 2])
    ordered_like([str(np.datetime64("2024-01-01T10"))], [1])


@pytest.mark.parametrize(
    ("texts", "place"),
    [
        (["2024-01-01", "1"], 1),
        (["1", "2024-01-01"], 1),
        (["2024-01-01", "31/01/2024"], 1),
        (["2024-01-01", "2024-02-30"], 1),
        (["2024-01-01", ""], 1),
        (["1", "nan"], 1),
        (["now"], 0),
        (["1", "--5"], 1),
        (["2024-01-01", "2024-01-01T00:00:00Z"], 1),
    ],
)
def test_what_is_no_time_is_named(texts: list[str], place: int) -> None:
    with pytest.raises(NotANumber) as caught:
        time_keys(texts)
    assert caught.value.place == place


@pytest.mark.parametrize(
    ("given", "read"),
    [
        (["201811", "201812", "201901"], ["2018-11", "2018-12", "2019-01"]),
        (["20240131", "20240201"], ["2024-01-31", "2024-02-01"]),
        (["201813", "201812"], None),
        (["100001", "100002"], None),
        (["1", "2"], None),
        (["2024-03-30 00:00:00+01:00", "2024-04-01 00:00:00+02:00"], ["2024-03-30", "2024-04-01"]),
        (["2024-03-30T06:00:00+01:00", "2024-04-01T06:00:00+02:00"], ["2024-03-30 06:00:00", "2024-04-01 06:00:00"]),
        (["2024-03-30 00:00:00+01:00", "2024-03-31 00:00:00+01:00"], None),
        (["2024-03-31 01:00:00+01:00", "2024-03-31 03:00:00+02:00"], None),
        ([], None),
    ],
)
def test_dates_in_other_forms_are_read_as_such(given: list[str], read: list[str] | None) -> None:
    found, said = plain_times(given)
    assert found == (given if read is None else read) and bool(said) == (read is not None)
