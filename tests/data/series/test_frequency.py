"""How far it is from one time to the next."""

from __future__ import annotations

import numpy as np
import pytest

from recurra.data.series.frequency import Frequency, NotRegular, found, written
from recurra.data.series.number_text import NotANumber
from recurra.errors import DataError, OptionError

MONTH, DAY = Frequency("months", 1), Frequency("time", 86_400_000_000)


@pytest.mark.parametrize(
    ("times", "name", "season"),
    [
        (["2024-01", "2024-02", "2024-03"], "M", 12),
        (["2023-12-15", "2024-01-15", "2024-02-15"], "M", 12),
        (["2024-01-31", "2024-02-29", "2024-03-31", "2024-04-30"], "M", 12),
        (["1959-01-01", "1959-04-01", "1959-07-01", "1960-01-01"], "Q", 4),
        (["1959-12-31", "1960-12-31", "1961-12-31"], "Y", 1),
        (["1958-03-29", "1958-04-05", "1958-04-12", "1958-04-26"], "W", 52),
        (["2024-02-28", "2024-02-29", "2024-03-01"], "D", 7),
        (["2021-05-01 00:00:00+00:00", "2021-05-01 00:30:00+00:00", "2021-05-01 01:00:00+00:00"], "30min", 48),
        (["2024-03-30T22", "2024-03-30T23", "2024-03-31T00"], "h", 24),
        (["2024-03-30T22:00:00", "2024-03-30T22:00:01.500000"], "1.5s", 1),
        (["1700", "1701", "1703", "1704"], "1", 1),
        (["0.1", "0.2", "0.3", "0.6"], "0.1", 1),
    ],
)
def test_found_in_times(times: list[str], name: str, season: int) -> None:
    frequency = found(times)
    assert frequency is not None
    assert (str(frequency), frequency.season) == (name, season)
    places = frequency.places(times)
    for time, place in zip(times, places.tolist(), strict=True):
        if "T22" not in times[0] and "T" not in time:
            assert frequency.after(times[0], place) == time


def test_one_time_has_none() -> None:
    assert found(["2024-01-01"]) is None


@pytest.mark.parametrize(
    ("times", "place"),
    [
        (["2024-01-01", "2024-02-01", "2024-03-01", "2024-03-15"], 3),
        (["2024-01-01", "2024-01-02", "2024-01-03", "2024-01-04T12:00:00", "2024-01-05"], 3),
        (["1", "2", "3", "4.5", "5.5"], 3),
    ],
)
def test_what_is_between_steps_is_named(times: list[str], place: int) -> None:
    with pytest.raises(NotRegular) as raised:
        found(times)
    assert raised.value.place == place


def test_two_times_in_one_place() -> None:
    with pytest.raises(NotRegular):
        MONTH.places(["2024-01-01", "2024-01-01"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("M", MONTH), ("MS", MONTH), ("ME", MONTH), ("QS-JAN", Frequency("months", 3)), ("2Y", Frequency("months", 24)),
        ("D", DAY), ("W-SUN", Frequency("time", 7 * DAY.size)), ("30min", Frequency("time", DAY.size / 48)),
        ("48h", Frequency("time", 2 * DAY.size)), ("s", Frequency("time", 1e6)), ("0.5", Frequency("number", 0.5)),
    ],
)  # fmt: skip
def test_written(text: str, expected: Frequency) -> None:
    assert written(text) == expected
    assert written(str(expected)) == expected


@pytest.mark.parametrize("text", ["", "X", "0M", "-1", "nan", "month", "M M"])
def test_no_frequency(text: str) -> None:
    with pytest.raises(OptionError, match="is no frequency"):
        written(text)


@pytest.mark.parametrize(
    ("frequency", "time", "steps", "expected"),
    [
        (MONTH, "2024-01-31", 1, "2024-02-29"), (MONTH, "2024-02-29", 1, "2024-03-31"),
        (MONTH, "2024-11", 3, "2025-02"),
        (MONTH, "2024-03-30", 11, "2025-02-28"), (Frequency("months", 3), "2023-10-01", 2, "2024-04-01"),
        (DAY, "2024-02-28", 2, "2024-03-01"), (DAY, "2024-02-28 06:00:00", 1, "2024-02-29 06:00:00"),
        (DAY, "2024-12-31T00:00:00+01:00", 1, "2025-01-01T00:00:00+01:00"),
        (Frequency("number", 2), "1999", 3, "2005"), (Frequency("number", 0.5), "1", 3, "2.5"),
    ],
)  # fmt: skip
def test_later_times(frequency: Frequency, time: str, steps: int, expected: str) -> None:
    assert frequency.after(time, steps) == expected


def test_places_are_what_after_says() -> None:
    for frequency, begin in ((MONTH, "1999-12-31"), (DAY, "1999-12-31"), (Frequency("number", 5), "-10")):
        steps = [0, 1, 5, 6, 30, 400]
        np.testing.assert_array_equal(frequency.places([frequency.after(begin, step) for step in steps]), steps)


@pytest.mark.parametrize(
    ("freq", "time", "steps", "expected"),
    [
        ("D", "2024-05", 1, "2024-05-02"), ("M", "2024-05", 2, "2024-07"),
        ("h", "2024-05-31", 1, "2024-05-31 01:00:00"),
        ("W", "2024-W05", 1, "2024-02-05"), ("M", "0001-01-01", 1, "0001-02-01"), ("M", "2024-03-31", -1, "2024-02-29"),
    ],
)  # fmt: skip
def test_times_are_written_as_their_steps_need(freq: str, time: str, steps: int, expected: str) -> None:
    assert written(freq).after(time, steps) == expected


@pytest.mark.parametrize("freq", ["D", "M", "Y"])
def test_no_date_is_beyond_the_last(freq: str) -> None:
    with pytest.raises(DataError, match=f"9 steps of {freq} after '9999-12-30' are beyond the last date"):
        written(freq).after("9999-12-30", 9)


@pytest.mark.parametrize("size", [500_000, 1, 86_400_000_000, 1_234_567, 5_400_000_000])
def test_what_is_written_is_read_back(size: int) -> None:
    assert written(str(Frequency("time", size))) == Frequency("time", size)
    assert written(str(Frequency("number", size / 24))) == Frequency("number", pytest.approx(size / 24, rel=1e-14))


def test_half_a_step_is_none_however_far() -> None:
    with pytest.raises(NotRegular):
        Frequency("number", 1).places(["0", "599997.6"])
    with pytest.raises(NotANumber):
        Frequency("number", 1).places(["0", "1e300"])
