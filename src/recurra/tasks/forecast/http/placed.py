"""Values of a request at their times, put in order and a step of the model's frequency apart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from recurra.data.series.frequency import Frequency
from recurra.data.series.timeline import timeline
from recurra.errors import DataError, ReadError
from recurra.http.errors import unprocessable
from recurra.tasks.forecast.history import History

Floats = NDArray[np.float64]
LONGEST = 64
"""Characters of a time."""


class Placed(NamedTuple):
    """history: with a value, or NaN, at each step; time: that of a step after its last, from 1; places: [N], the step
    of each time that was given, from 0."""

    history: History
    time: Callable[[int], str]
    places: list[int]


def placed(history: History, times: Any, frequency: Frequency | None, where: str) -> Placed:
    """Return a history whose values, and then the steps to come, are at times [N], in any order.

    Raises HTTPError 422, without what was given, for what are no such times.
    """
    field = f"{where}.times"
    if not isinstance(times, list) or not all(isinstance(time, str) and len(time) <= LONGEST for time in times):
        raise unprocessable(f"{field} must be a list of times, texts of up to {LONGEST} characters.")
    if frequency is None:
        raise unprocessable(f"{field}: the frequency of this model is not known. Leave them out.")
    count = len(history.values)
    ahead = count if history.future is None else len(history.future)
    if not count <= len(times) <= max(count, ahead):
        raise unprocessable(f"{field} has {len(times):,} times for {count:,} values.")
    columns = [_tall(history.values[:, None], len(times))]
    columns += [_tall(part, len(times)) for part in (history.past, history.future) if part is not None]
    try:
        found = timeline(field, ["it"] * len(times), times, np.concatenate(columns, axis=1), usual=frequency)
    except (DataError, ReadError):
        raise unprocessable(
            f"{field} must be dates and times, or all numbers: each once, and whole numbers of equal steps apart."
        ) from None
    if found.frequency is not None and str(found.frequency) != str(frequency):
        raise unprocessable(f"{field} are {found.frequency} apart; the model was trained on steps of {frequency}.")
    (series,) = found.series
    known = np.flatnonzero(~np.isnan(series.values[:, 0]))
    end = int(known[-1]) + 1 if len(known) else len(series.values)
    past = 0 if history.past is None else history.past.shape[1]
    given = np.flatnonzero(series.rows)
    places = np.empty(len(times), dtype=np.int64)
    places[series.rows[given] - 1] = given
    whole = History(
        series.values[:end, 0],
        history.name,
        None if history.past is None else series.values[:end, 1 : 1 + past],
        None if history.future is None else series.values[:, 1 + past :],
        history.static,
    )
    return Placed(whole, lambda step: series.time(frequency, end - 1 + step), places.tolist())


def _tall(values: Floats, rows: int) -> Floats:
    """Return values [T, C] as [rows, C], NaN below."""
    tall = np.full((rows, values.shape[1]), np.nan)
    tall[: len(values)] = values[:rows]
    return tall
