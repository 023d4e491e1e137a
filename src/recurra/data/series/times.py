"""Times as text: numbers, or dates and times in ISO 8601, as numbers whose order is theirs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.data.series.number_text import NotANumber, is_missing, numbers

_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")
_PLAIN = re.compile(
    r"[0-9]{4}(?:-[0-9][0-9](?:-[0-9][0-9](?:[T ][0-9][0-9](?::[0-9][0-9](?::[0-9][0-9](?:\.[0-9]+)?)?)?)?)?)?"
)
"""What NumPy reads as a date or time without a zone, and nothing else that it would take."""


def time_keys(texts: Sequence[str | None]) -> NDArray[Any]:
    """Return numbers in the order of the times: [N]; equal times have equal ones.

    The times are all numbers, all dates and times without a zone, or all with one. Raises NotANumber for the first that
    is missing or is neither, or is not of the kind of the first.
    """
    given = [text or "" for text in texts]
    for place, text in enumerate(given):
        if not text[:1].isdigit() and is_missing(text):
            raise NotANumber(place, text)
    if all(map(_WHOLE.fullmatch, given)):
        return np.array(list(map(int, given)), dtype=np.int64)  # exact, where a float is not beyond 2 ** 53
    try:
        return numbers(given)
    except NotANumber as error:
        if given and _is_number(given[0]):
            raise
        place = error.place
    if all(map(_PLAIN.fullmatch, given)):
        fine = any(len(text.partition(".")[2]) > 6 for text in given)
        unit = "ns" if fine and all("1700" < text < "2250" for text in given) else "us"  # 64 bits of ns are 584 years
        try:
            return np.array(given, dtype=f"datetime64[{unit}]").astype(np.int64)
        except ValueError:
            pass
    known: dict[str, int] = {}
    first = moment(given[0])
    for place, text in enumerate(given):
        if text not in known:
            found = moment(text)
            if found is None or first is None or (found.tzinfo is None) != (first.tzinfo is None):
                raise NotANumber(place, text)
            apart = found.replace(tzinfo=found.tzinfo or UTC) - _EPOCH
            known[text] = (apart.days * 86_400 + apart.seconds) * 1_000_000 + apart.microseconds
    return np.array([known[text] for text in given], dtype=np.int64)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _is_number(text: str) -> bool:
    try:
        numbers([text])
    except NotANumber:
        return False
    return True


def moment(text: str) -> datetime | None:
    """Return the date or time that a text in ISO 8601 writes, or a month such as 2024-05; None for another text."""
    try:
        return datetime.fromisoformat(text if not re.fullmatch(r"\d{4}-\d\d", text) else f"{text}-01")
    except ValueError:
        return None


def plain_times(texts: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return times as dates and times in ISO 8601 where they are dates in another form, and a sentence for each change.

    Numbers such as 202401 and 20240131 are months and days, where all are such. Times at the same time of day in zones
    of which the clocks change are read without their zone: a day is then a day, however many hours it has.
    """
    for form, what in (("%Y%m", "months"), ("%Y%m%d", "days")):
        if read := _compact(texts, form):
            return read, [f"Times such as {texts[0]} are read as {what}, {read[0]}."]
    moments = [moment(text) for text in texts if "+" in text or text.count("-") > 2]
    zoned = [one for one in moments if one is not None and one.tzinfo is not None]
    if (
        len(zoned) == len(texts)
        and len({one.utcoffset() for one in zoned}) > 1
        and len({one.time() for one in zoned}) == 1
    ):
        local = [one.replace(tzinfo=None) for one in zoned]
        midnight = local[0].time().isoformat() == "00:00:00"
        read = [one.isoformat()[:10] if midnight else one.isoformat(sep=" ") for one in local]
        return read, [f"Times are read without their zone, in which the clocks change: {texts[0]} as {read[0]}."]
    return list(texts), []


def _compact(texts: Sequence[str], form: str) -> list[str]:
    """Return months or days that are written without hyphens; none where one of the texts is no such."""
    digits = 6 if form == "%Y%m" else 8
    if not texts or not all(len(text) == digits and text.isdigit() and text.isascii() for text in texts):
        return []
    try:
        read = [datetime.strptime(text, form) for text in texts]
    except ValueError:
        return []
    sane = all(1800 <= one.year <= 2200 for one in read)
    return [one.isoformat()[: digits + (1 if digits == 6 else 2)] for one in read] if sane else []
