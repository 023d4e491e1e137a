"""The frequency of times: how far it is from one row to the next, in months, in exact time, or as a number.

It is found from the times, or written as pandas and Nixtla do: Y, Q, M, W, D, h, min, s, with a count before it (30min)
and any ending (MS, ME, W-SUN); or a number, for times that are numbers.
"""

from __future__ import annotations

import calendar
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from recurra.data.series.number_text import NotANumber, numbers
from recurra.data.series.times import moment
from recurra.errors import DataError, OptionError, brief

Kind = Literal["months", "time", "number"]

_SECOND = 1_000_000
_UNITS: dict[str, tuple[Kind, int]] = {
    "Y": ("months", 12),
    "A": ("months", 12),
    "Q": ("months", 3),
    "M": ("months", 1),
    "W": ("time", 7 * 86_400 * _SECOND),
    "D": ("time", 86_400 * _SECOND),
    "h": ("time", 3_600 * _SECOND),
    "H": ("time", 3_600 * _SECOND),
    "min": ("time", 60 * _SECOND),
    "T": ("time", 60 * _SECOND),
    "s": ("time", _SECOND),
}
_WRITTEN = re.compile(r"([0-9]{0,9})(min|[YAQMWDhHTs])(?:S|E)?(?:-[A-Z]{3})?")
_FRACTION = re.compile(r"([0-9]{1,9}\.[0-9]{1,6})s")
_SEASONS = {("months", 1): 12, ("months", 3): 4, ("months", 6): 2, ("time", 7 * 86_400 * _SECOND): 52}
_DAY = 86_400 * _SECOND
NEAR = 1e-3
"""A number of steps is whole that is so near to one."""
MOST_STEPS = 2**50


class NotRegular(ValueError):
    """Two neighbouring times are not a whole number of steps apart. place: of the later one, among them in order."""

    def __init__(self, place: int, step: Frequency) -> None:
        super().__init__(str(step))
        self.place, self.step = place, step


@dataclass(frozen=True)
class Frequency:
    """kind: what a step is counted in; size: months, microseconds, or the difference of two numbers."""

    kind: Kind
    size: float

    def __str__(self) -> str:
        """As pandas writes it: M, 30min; or the number."""
        if self.kind == "number":
            return f"{self.size:.15g}"
        for name, (kind, size) in _UNITS.items():
            if kind == self.kind and self.size % size == 0:
                count = int(self.size) // size
                return name if count == 1 else f"{count}{name}"
        return f"{self.size / _SECOND:.6f}".rstrip("0") + "s"

    @property
    def season(self) -> int:
        """The usual season in steps: a year of months, quarters or weeks, a week of days, a day of minutes and hours;
        1 for none."""
        if (self.kind, self.size) in _SEASONS:
            return _SEASONS[self.kind, int(self.size)]
        if self.kind == "time" and self.size == _DAY:
            return 7
        if self.kind == "time" and 60 * _SECOND <= self.size < _DAY and _DAY % self.size == 0:
            return int(_DAY // self.size)
        return 1

    def places(self, times: Sequence[str]) -> NDArray[np.int64]:
        """Return how many steps each time [N], in order, is after the first. Raises NotRegular where it is not."""
        if self.kind == "number":
            values = _finite(times)
            steps = (values - values[0]) / self.size
        elif self.kind == "time":
            moments = [_moment(text) for text in times]
            steps = np.array([(one - moments[0]) / timedelta(microseconds=self.size) for one in moments])
        else:
            steps = _months([_moment(text) for text in times]) / self.size
        whole = np.rint(steps)
        near = np.minimum(1e-6 * np.maximum(1, np.abs(whole)), NEAR)
        wrong = np.flatnonzero(~(np.abs(steps - whole) <= near) | ~(np.abs(whole) < MOST_STEPS))
        if len(wrong):
            raise NotRegular(int(wrong[0]), self)
        if len(again := np.flatnonzero(np.diff(whole) <= 0)):
            raise NotRegular(int(again[0]) + 1, self)
        return np.asarray(whole, dtype=np.int64)

    def after(self, time: str, steps: int) -> str:
        """Return the time so many steps later, written like the one that is given: a month alone where steps are
        months, a date where steps are days, else with the time of day.

        Raises DataError for one that is later than any date can be.
        """
        if self.kind == "number":
            value = float(numbers([time])[0]) + steps * self.size
            return str(round(value)) if "." not in time and self.size == round(self.size) else f"{value:.12g}"
        begin = _moment(time)
        try:
            if self.kind == "time":
                return self._like(begin + timedelta(microseconds=steps * self.size), time)
            month = begin.year * 12 + begin.month - 1 + int(steps * self.size)
            year, month = divmod(month, 12)
            last = calendar.monthrange(year, month + 1)[1]
            day = last if _ends_month(begin) else min(begin.day, last)
            return self._like(begin.replace(year=year, month=month + 1, day=day), time)
        except (OverflowError, ValueError):
            raise DataError(
                f"{steps:,} steps of {self} after {brief(time)} are beyond the last date, 9999-12-31."
            ) from None

    def ends_month(self, time: str) -> bool:
        """Return whether a time is on the last day of its month."""
        return _ends_month(_moment(time))

    def _like(self, time: datetime, text: str) -> str:
        """Write a time as another one is."""
        if self.kind == "months" and re.fullmatch(r"\d{4}-\d\d", text):
            return time.isoformat()[:7]
        whole_days = self.kind == "months" or self.size % _DAY == 0
        if whole_days and ":" not in text and time.tzinfo is None:
            return time.isoformat()[:10]
        return time.isoformat(sep="T" if "T" in text else " ")


def written(text: str) -> Frequency:
    """Return the frequency that a text writes. Raises OptionError for another text."""
    if (parts := _FRACTION.fullmatch(text)) and (size := round(float(parts[1]) * _SECOND)) > 0:
        return Frequency("time", size)
    if found := _WRITTEN.fullmatch(text):
        kind, size = _UNITS[found[2]]
        if (count := int(found[1] or 1)) > 0:
            return Frequency(kind, count * size)
    try:
        step = float(numbers([text])[0])
        if np.isfinite(step) and step > 0:
            return Frequency("number", step)
    except NotANumber:
        pass
    raise OptionError(
        f"--freq {brief(text)} is no frequency: write Y, Q, M, W, D, h, min or s, with a count before it as in 30min, "
        "or a number where the times are numbers."
    )


def found(times: Sequence[str]) -> Frequency | None:
    """Return the frequency of times [N] in order, each another one: that of most neighbours. None for fewer than two.

    Raises NotRegular where two neighbours are not a whole number of its steps apart.
    """
    if len(times) < 2:
        return None
    try:
        values = _finite(times)
        apart = Counter(np.round(np.diff(values), 9).tolist())
        frequency = Frequency("number", _usual(apart))
    except NotANumber:
        moments = [_moment(text) for text in times]
        months = np.diff(_months(moments))
        whole = months[(months == np.rint(months)) & (months >= 1)]
        if 2 * len(whole) > len(months):  # the others, if any, are wrong
            frequency = Frequency("months", int(_usual(Counter(whole.tolist()))))
        else:
            gaps = [(later - one) // timedelta(microseconds=1) for one, later in pairwise(moments)]
            frequency = Frequency("time", int(_usual(Counter(gaps))))
    frequency.places(times)
    return frequency


def _finite(times: Sequence[str]) -> NDArray[np.float64]:
    """Return times that are numbers. Raises NotANumber for one that is none, or beyond what a step can be told from."""
    values = numbers(times)
    far = np.flatnonzero(~(np.abs(values) < MOST_STEPS))
    if len(far):
        raise NotANumber(int(far[0]), times[int(far[0])])
    return values


def _usual(apart: Counter[float]) -> float:
    """Return the commonest difference; of several the least."""
    most = max(apart.values())
    return min(size for size, count in apart.items() if count == most)


def _months(moments: Sequence[datetime]) -> NDArray[np.float64]:
    """Return the month of each time, counted from the first; a part of one where they are not at the same place in it:
    the same day and time, or the last day and the same time."""
    first = moments[0]
    ends = all(_ends_month(one) for one in moments)
    same = [one.time() == first.time() and (ends or one.day == first.day) for one in moments]
    months = [12 * (one.year - first.year) + one.month - first.month for one in moments]
    return np.array([month if alike else month + 0.5 for month, alike in zip(months, same, strict=True)])


def _ends_month(time: datetime) -> bool:
    return time.day == calendar.monthrange(time.year, time.month)[1]


def _moment(text: str) -> datetime:
    found = moment(text)
    if found is None:
        raise NotANumber(0, text)
    return found
