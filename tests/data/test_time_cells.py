"""Times of any common form as numbers in their order; what may be two dates is refused."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recurra.data.time_cells import NotATime, times_of

MOMENTS = st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1)).map(lambda found: found.replace(microsecond=0))
FORMS = (
    "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%d.%m.%Y %H:%M:%S", "%Y/%m/%d %H:%M:%S", "%d %B %Y %H:%M:%S",
    "%b %d, %Y %H:%M:%S", "%d %b %Y, %H:%M:%S", "%A, %d %B %Y %H:%M:%S", "%d.%m.%Y %I:%M:%S %p",
)  # fmt: skip


@given(st.lists(MOMENTS, min_size=1, max_size=5), st.sampled_from(FORMS))
def test_every_form_is_read_as_it_was_written(moments: list[datetime], form: str) -> None:
    found = times_of([moment.strftime(form) for moment in moments])
    assert found.tolist() == [moment.replace(tzinfo=UTC).timestamp() for moment in moments]


@given(st.lists(MOMENTS, min_size=1, max_size=5), st.integers(-11, 12))
def test_times_with_a_zone_are_moments(moments: list[datetime], hours: int) -> None:
    zoned = [moment.replace(tzinfo=timezone(timedelta(hours=hours))) for moment in moments]
    expected = [moment.timestamp() for moment in zoned]
    assert times_of([moment.isoformat() for moment in zoned]).tolist() == expected
    assert times_of([format_datetime(moment) for moment in zoned]).tolist() == expected


@pytest.mark.parametrize(("form", "clear"), [("%d/%m/%Y", "31/01/2024"), ("%m/%d/%Y", "01/31/2024")])
def test_the_whole_column_says_whether_day_or_month_is_first(form: str, clear: str) -> None:
    days = [datetime(2024, month, day) for month in (1, 5, 12) for day in (3, 12)]
    found = times_of([*(day.strftime(form) for day in days), clear])
    assert found[:-1].tolist() == [day.replace(tzinfo=UTC).timestamp() for day in days]
    assert len(set(times_of(["05/05/2024", "05-05-2024", "2024-05-05"]).tolist())) == 1  # either way the same day


def test_numbers_are_times() -> None:
    assert times_of(["1700000000", "-5", "2.5e9"]).tolist() == [1.7e9, -5, 2.5e9]
    assert times_of(["2024-05", "2024-05-01"]).tolist() == times_of(["2024-05-01", "2024-05-01"]).tolist()


@pytest.mark.parametrize(
    ("texts", "place", "words"),
    [
        (["2024-01-01", "soon"], 1, "no date or time"),
        (["03/04/2024", "2024-01-01"], 0, "could be exchanged"),
        (["31/01/2024", "01/31/2024"], 1, "the other way round"),
        (["03/04/24"], 0, "two digits"),
        (["2024-01-01", "1700000000"], 1, "a number among dates"),
        (["2024-01-01T10:00", "2024-01-01T10:00Z"], 1, "with a zone"),
        (["2024-01-01T10:00Z", "2024-01-01"], 1, "without a zone"),
        (["32.01.2024"], 0, "no date or time"),
        (["1 Mai 2024 13:00 pm"], 0, "no date or time"),
        ([""], 0, "no date or time"),
    ],
)
def test_what_is_no_time_is_named(texts: list[str], place: int, words: str) -> None:
    with pytest.raises(NotATime, match=words) as error:
        times_of(texts)
    assert error.value.place == place


@given(st.text(max_size=20))
def test_any_text_is_a_time_or_is_refused(text: str) -> None:
    with suppress(NotATime):
        assert np.isfinite(times_of([text])).all()
