"""Times in a column of any table, as numbers whose order is theirs.

Read are numbers (seconds since 1970, years, 20240131), ISO 8601, dates such as 31/12/2024 or 12/31/2024, 31.12.2024,
2024/12/31, with a time of day or without, months by their English names, and the dates of e-mails. Whether the day or
the month comes first is found in the whole column, never guessed for a cell.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import numpy as np
from numpy.typing import NDArray

_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_TIME_OF_DAY = r"(?:[T ,]+([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.[0-9]+)?)?(?: ?([AaPp])\.?[Mm]\.?)?)?"
_MARKS = re.compile(r"([0-9]{1,4})([/.-])([0-9]{1,2})\2([0-9]{1,4})" + _TIME_OF_DAY)
_NAMED = re.compile(
    r"(?:[A-Za-z]{3,9},? )?(?:([0-9]{1,2})(?:st|nd|rd|th)? ([A-Za-z]{3,9})\.?|([A-Za-z]{3,9})\.? ([0-9]{1,2})"
    r"(?:st|nd|rd|th)?),? ([0-9]{4})" + _TIME_OF_DAY
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

ACCEPTED = (
    "numbers, dates and times in ISO 8601 (2024-12-31T18:30), 31.12.2024, 31/12/2024 or 12/31/2024, or 31 December 2024"
)


class NotATime(ValueError):
    """A text that is none. place: which one of the texts; the message says why."""

    def __init__(self, place: int, why: str) -> None:
        super().__init__(why)
        self.place = place


def times_of(texts: Sequence[str]) -> NDArray[np.float64]:
    """Return numbers in the order of the times, equal for equal times: [N].

    Raises NotATime for the first text that cannot be read, is of another kind than those before it (a number among
    dates, or a time without a zone among those with one), or could be two dates.
    """
    if all(map(_NUMBER.fullmatch, texts)) and all(math.isfinite(float(text)) for text in texts):
        return np.array(list(map(float, texts)), dtype=np.float64)
    day_first = _day_first(texts)
    found, zoned = np.empty(len(texts), dtype=np.float64), None
    for place, text in enumerate(texts):
        if _NUMBER.fullmatch(text):
            raise NotATime(place, "a number among dates")
        read = _read(text, day_first)
        if isinstance(read, str):
            raise NotATime(place, read)
        if zoned is not None and (read.tzinfo is not None) != zoned:
            raise NotATime(place, "a time without a zone among others with one" if zoned else "a time with a zone")
        zoned = read.tzinfo is not None
        found[place] = (read.replace(tzinfo=read.tzinfo or UTC) - _EPOCH) / timedelta(seconds=1)
    return found


def _day_first(texts: Sequence[str]) -> bool | None:
    """Return whether the day comes before the month where both are numbers with slashes or hyphens; None where no such
    date says so. Raises NotATime where one says that it does, and another that it does not."""
    known: bool | None = None
    for place, text in enumerate(texts):
        match = _MARKS.fullmatch(text)
        if match is None or len(match[1]) > 2 or match[2] == ".":
            continue
        first, second = int(match[1]), int(match[3])
        says = True if first > 12 >= second else False if second > 12 >= first else None
        if says is not None:
            if known is not None and says != known:
                order = "the month before the day" if known else "the day before the month"
                raise NotATime(place, f"a date with {order}, and others have them the other way round")
            known = says
    return known


def _read(text: str, day_first: bool | None) -> datetime | str:
    """Return the time that a text writes, or why it is none."""
    ways: tuple[Callable[[], datetime | str | None], ...] = (
        lambda: datetime.fromisoformat(text if not re.fullmatch(r"\d{4}-\d\d", text) else f"{text}-01"),
        lambda: _with_marks(text, day_first),
        lambda: _named(text),
        lambda: parsedate_to_datetime(text),
    )
    for way in ways:
        try:
            found = way()
        except (ValueError, TypeError, OverflowError):
            continue
        if found is not None:
            return found
    return "no date or time that can be read"


def _with_marks(text: str, day_first: bool | None) -> datetime | str | None:
    match = _MARKS.fullmatch(text)
    if match is None:
        return None
    first, mark, second, third = match[1], match[2], match[3], match[4]
    if len(first) == 4:
        return _moment(int(first), int(second), int(third), match, 5)
    if len(third) != 4:
        return "a year of two digits, which may be of two centuries"
    if mark == ".":
        return _moment(int(third), int(second), int(first), match, 5)
    if day_first is None and first != second:
        return "a date whose day and month could be exchanged, and no other date of the column says which is first"
    day, month = (first, second) if day_first else (second, first)
    return _moment(int(third), int(month), int(day), match, 5)


def _named(text: str) -> datetime | None:
    match = _NAMED.fullmatch(text)
    if match is None:
        return None
    day, name = (match[1], match[2]) if match[1] else (match[4], match[3])
    month = _MONTHS.index(name[:3].lower()) + 1
    return _moment(int(match[5]), month, int(day), match, 6)


def _moment(year: int, month: int, day: int, match: re.Match[str], start: int) -> datetime:
    hour, minute, second, half = (match[start + i] for i in range(4))
    hours = int(hour or 0)
    if half:
        if not 1 <= hours <= 12:
            raise ValueError("no hour of half a day")
        hours = hours % 12 + (12 if half.lower() == "p" else 0)
    return datetime(year, month, day, hours, int(minute or 0), math.floor(int(second or 0)))
