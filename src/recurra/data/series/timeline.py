"""Rows of series at times, put in order and in their places: a step of the frequency apart, NaN where no row is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recurra.data.series.frequency import Frequency, NotRegular, found
from recurra.data.series.number_text import NotANumber
from recurra.data.series.times import plain_times, time_keys
from recurra.errors import DataError, ReadError, brief

MOST = 20
"""Steps for each row, at most: more would be a wrong frequency, such as that of months written as 202412, 202501."""

NOT_SORTED = "The rows are not sorted by series and time; they were sorted."

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class TimedSeries:
    """A series [T, C] of which each step is one of the frequency after the one before; NaN where a value is missing.

    start: the time of the first step; end: of the last; rows: [T], of the table from 1, 0 where there is none.
    """

    name: str
    values: Floats
    start: str
    end: str
    rows: NDArray[np.int64]

    def time(self, frequency: Frequency, step: int) -> str:
        """Return the time of a step from 0, which may be after the last. Both ends of the series tell whether months
        end on their last day."""
        if frequency.kind == "months" and not frequency.ends_month(self.start):
            return frequency.after(self.start, step)
        return frequency.after(self.end, step - (len(self.values) - 1))

    @property
    def gaps(self) -> int:
        """Steps without a row."""
        return int((self.rows == 0).sum())


@dataclass(frozen=True)
class Timeline:
    """Series of one frequency, in order of first appearance. frequency: None where no series has two rows. notes: what
    was found, a sentence each."""

    frequency: Frequency | None
    series: list[TimedSeries]
    notes: list[str]


def timeline(
    where: str,
    names: Sequence[str],
    times: Sequence[str],
    values: Floats,
    frequency: Frequency | None = None,
    usual: Frequency | None = None,
) -> Timeline:
    """Return the series of rows. names, times: [N], of each row's series and time; values: [N, C].

    where: the file, for messages. frequency: None to find it; usual: the one
    that is meant where gaps hide it. Rows may come in any order.
    Raises ReadError for a time that is none, DataError for a row that is there twice, for times that are not a whole
    number of steps apart, and for series of several frequencies.
    """
    times, said = plain_times(times)
    try:
        keys = time_keys(times)
    except NotANumber as error:
        raise ReadError(
            f"{where}, row {error.place + 1:,}: the time is {brief(error.text)}; times must be all numbers, or all "
            "dates and times as in 2024-05, 2024-05-31 or 2024-05-31T08:30:00."
        ) from None
    numbered: dict[str, int] = {}
    codes = np.array([numbered.setdefault(name, len(numbered)) for name in names], dtype=np.int64)
    order = np.lexsort((keys, codes))
    notes = [*said, *([NOT_SORTED] if (np.diff(order) < 0).any() else [])]
    ends = np.flatnonzero(np.diff(codes[order])) + 1
    parts = dict(zip(numbered, np.split(order, ends), strict=True))
    for name, rows in parts.items():
        same = np.flatnonzero(keys[rows][1:] == keys[rows][:-1])
        if len(same):
            first, second = rows[same[0]], rows[same[0] + 1]
            raise DataError(
                f"{where}, row {second + 1:,}: series {brief(name)} has the time {brief(times[second])} a second time, "
                f"after row {first + 1:,}; keep one row for each."
            )
    frequency = frequency or _common(where, parts, times, usual)
    series = [_placed(where, name, rows, times, values, frequency) for name, rows in parts.items()]
    with_gaps = [one for one in series if one.gaps]
    if with_gaps:
        total = sum(one.gaps for one in with_gaps)
        worst = max(with_gaps, key=lambda one: one.gaps)
        notes.append(
            f"{total:,} of {sum(len(one.rows) for one in series):,} steps have no row and are taken as missing values, "
            f"{worst.gaps:,} of them in series {brief(worst.name)}."
        )
    return Timeline(frequency, series, notes)


def _common(
    where: str, parts: dict[str, NDArray[np.int64]], times: Sequence[str], usual: Frequency | None
) -> Frequency | None:
    """Return the frequency of all series that have one. Raises DataError where there are two."""
    known: dict[Frequency, str] = {}
    enough = {name: rows for name, rows in parts.items() if len(rows) > 2}  # two rows have whatever is between them
    for name, rows in (enough or parts).items():
        texts = [times[row] for row in rows]
        try:
            frequency = found(texts)
        except NotRegular as error:
            if usual is None or not _fits(usual, texts):
                raise _irregular(where, name, rows, times, error) from None
            frequency = usual
        except NotANumber as error:
            raise ReadError(
                f"{where}: series {brief(name)} has the time {brief(error.text)}, which is not written like the others."
            ) from None
        if frequency is not None:
            known.setdefault(frequency, name)
        if len(known) > 1:
            (first, one), (second, other) = known.items()
            raise DataError(
                f"{where} has series of several frequencies: {brief(one)} of {first}, {brief(other)} of {second}. "
                "Give one file for each, or the frequency of all with --freq."
            )
    return next(iter(known), None)


def _fits(frequency: Frequency, times: Sequence[str]) -> bool:
    """Return whether times are whole numbers of steps apart."""
    try:
        frequency.places(times)
    except (NotRegular, NotANumber):
        return False
    return True


def _placed(
    where: str, name: str, rows: NDArray[np.int64], times: Sequence[str], values: Floats, frequency: Frequency | None
) -> TimedSeries:
    texts = [times[row] for row in rows]
    try:
        places = np.zeros(1, dtype=np.int64) if frequency is None else frequency.places(texts)
    except NotRegular as error:
        raise _irregular(where, name, rows, times, error) from None
    except NotANumber as error:
        raise DataError(
            f"{where}: series {brief(name)} has the time {brief(error.text)}, which no step of {frequency} leads to. "
            "Choose another --freq, or leave it out."
        ) from None
    steps = int(places[-1]) + 1
    if steps > MOST * len(rows):
        wide = int(np.diff(places).argmax())
        raise DataError(
            f"{where}: series {brief(name)} has {len(rows):,} rows and would have {steps:,} steps of {frequency} from "
            f"{brief(texts[0])} to {brief(texts[-1])}; none of those between {brief(texts[wide])} and "
            f"{brief(texts[wide + 1])} has a row. Leave out what is before, or choose another --freq."
        )
    filled = np.full((steps, values.shape[1]), np.nan)
    of_rows = np.zeros(steps, dtype=np.int64)
    filled[places], of_rows[places] = values[rows], rows + 1
    return TimedSeries(name, filled, texts[0], texts[-1], of_rows)


def _irregular(where: str, name: str, rows: NDArray[np.int64], times: Sequence[str], error: NotRegular) -> DataError:
    row = int(rows[error.place])
    return DataError(
        f"{where}, row {row + 1:,}: series {brief(name)} has the time {brief(times[row])}, which is no whole number of "
        f"steps of {error.step} after its first, {brief(times[int(rows[0])])}. Correct it, or choose another --freq."
    )
