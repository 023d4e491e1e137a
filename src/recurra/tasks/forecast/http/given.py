"""From the JSON of a request to histories: lists of numbers, null where one is missing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.data.series.frequency import Frequency
from recurra.data.series.times import moment
from recurra.errors import DataError, OptionError, RecurraError
from recurra.http.errors import HTTPError, unprocessable
from recurra.http.options import ServeOptions
from recurra.tasks.forecast.forecast_file import frequency_of
from recurra.tasks.forecast.history import History, checked
from recurra.tasks.forecast.http.placed import placed
from recurra.tasks.forecast.http.schemas import ExplainRequest, ForecastRequest, GivenSeries
from recurra.tasks.forecast.model import ForecastModel

Floats = NDArray[np.float64]
_NUMBERS = {int, float, type(None)}


@dataclass(frozen=True)
class Given:
    """A history of a request. times: of the steps to forecast; places: the step of each time that was given, from 0;
    None where there were none."""

    history: History
    times: Sequence[str] | Sequence[int]
    places: list[int] | None = None


def several(body: ForecastRequest, model: ForecastModel, options: ServeOptions) -> list[Given]:
    """Return the histories of a request, each of which the model can forecast.

    Raises HTTPError 422 for more of them or longer ones than a request may have, and for what the model cannot read.
    """
    if len(body.series) > options.max_inputs:
        raise unprocessable(
            f"series has {len(body.series):,} series; at most {options.max_inputs:,} are answered in one request. "
            "Send several.",
            "too_many_inputs",
        )
    horizon, frequency = _steps(body.horizon, model), frequency_of_model(model)
    return [_one(one, f"series.{place}", horizon, frequency, model, options) for place, one in enumerate(body.series)]


def only(body: ExplainRequest, model: ForecastModel, options: ServeOptions) -> Given:
    """Return the one history of a request. Raises as `several` does."""
    found = _one(body.series, "series", _steps(body.horizon, model), frequency_of_model(model), model, options)
    if np.isnan(found.history.values[-1]):
        raise unprocessable("series.values ends with null. A forecast is explained from the last known value on.")
    return found


def _steps(horizon: int | None, model: ForecastModel) -> int:
    try:
        return model.steps(horizon)
    except OptionError as error:
        raise HTTPError(422, "unfit", f"horizon: {_lower(error)}") from None


def frequency_of_model(model: ForecastModel) -> Frequency | None:
    """Return the frequency of the series that a model was trained on; None where it is not known."""
    return None if model.manifest is None else frequency_of(model.manifest.data)


def _one(
    given: GivenSeries,
    where: str,
    horizon: int,
    frequency: Frequency | None,
    model: ForecastModel,
    options: ServeOptions,
) -> Given:
    if isinstance(given.values, list) and len(given.values) > options.max_steps:
        raise unprocessable(
            f"{where}.values has {len(given.values):,} steps; at most {options.max_steps:,} are read. Send the latest.",
            "input_too_long",
        )
    history = History(
        _numbers(given.values, f"{where}.values"),
        given.name,
        None if given.past is None else _rows(given.past, options.max_steps, f"{where}.past"),
        None if given.future is None else _rows(given.future, len(given.values) + options.max_steps, f"{where}.future"),
        None if given.static is None else _numbers(given.static, f"{where}.static"),
    )
    places: list[int] | None = None
    time: Callable[[int], str] | None = None
    if given.last is not None and frequency is not None:
        time = partial(frequency.after, given.last)
    if given.times is not None:
        if given.last is not None:
            raise unprocessable(f"{where}.last and {where}.times both say when: give one of them.")
        history, time, places = placed(history, given.times, frequency, where)
        if len(history) > options.max_steps:
            raise unprocessable(f"{where}.times span {len(history):,} steps; at most {options.max_steps:,} are read.")
    try:
        history = checked(History(history.values, None, history.past, history.future, history.static))
        model.inputs.check(history, horizon)
        model.inputs.check_ahead(history, horizon)
    except DataError as error:
        raise HTTPError(422, "unfit", f"{where}: {_lower(error)}") from None
    named = History(history.values, given.name, history.past, history.future, history.static)
    return Given(named, _times(time, given.last, horizon, frequency, where), places)


def _times(
    time: Callable[[int], str] | None, last: str | None, horizon: int, frequency: Frequency | None, where: str
) -> Sequence[str] | Sequence[int]:
    """Return the times of the forecast, by that of each step; numbers from 1 where none is known."""
    if time is None or frequency is None:
        return range(1, horizon + 1)
    if last is not None and frequency.kind != "number" and moment(last) is None:
        raise unprocessable(f"{where}.last must be a date or time as in 2024-05-31 or 2024-05-31T08:30:00.")
    try:
        return [time(step) for step in range(1, horizon + 1)]
    except (ValueError, OverflowError, RecurraError):
        field = "times" if last is None else "last"
        raise unprocessable(f"{where}.{field}: {horizon:,} steps of {frequency} lead to no time.") from None


def _numbers(values: Any, where: str) -> Floats:
    if not isinstance(values, list):
        raise unprocessable(f"{where} must be a list of numbers, null where one is missing.")
    if not set(map(type, values)) <= _NUMBERS:
        place = next(place for place, value in enumerate(values) if type(value) not in _NUMBERS)
        raise unprocessable(f"{where}.{place} must be a number, or null where one is missing.")
    return np.array(values, dtype=np.float64)


def _rows(rows: Any, most: int, where: str) -> Floats:
    """Return the covariates [T, N] of steps; of more than `most` the first."""
    if not isinstance(rows, list) or not rows or not all(isinstance(row, list) for row in rows):
        raise unprocessable(f"{where} must be a list of lists, one for each step.")
    width = len(rows[0])
    if not width:
        raise unprocessable(f"{where}.0 has no values.")
    for place, row in enumerate(rows[:most]):
        if len(row) != width:
            raise unprocessable(f"{where}.{place} has {len(row):,} values, and {where}.0 has {width:,}.")
    flat = list(chain.from_iterable(rows[:most]))
    return _numbers(flat, where).reshape(-1, width)


def _lower(error: Exception) -> str:
    text = str(error)
    return text[0].lower() + text[1:]
