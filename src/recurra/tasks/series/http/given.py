"""From the JSON of a request to series: lists of steps with the values of each channel, null where one is missing."""

from __future__ import annotations

from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.errors import DataError
from recurra.http.errors import HTTPError, unprocessable
from recurra.http.options import ServeOptions
from recurra.tasks.series.model import SeriesModel

Series = NDArray[np.float64]

_NUMBERS = {int, float, type(None)}
_FORM = "a list of steps, each a list of the channels' values: numbers, or null where one is missing"


def several(given: Any, model: SeriesModel, options: ServeOptions) -> list[Series]:
    """Return the series [T_n, C] in a request: a list of them, or one.

    Raises HTTPError 422 for anything else, for more of them or longer ones than a request may have, and for what the
    model cannot read.
    """
    if not _is_list_of_lists(given) or not _is_list_of_lists(given[0]):
        return [one(given, model, options)]
    if len(given) > options.max_inputs:
        raise unprocessable(
            f"series has {len(given):,} series; at most {options.max_inputs:,} are answered in one request. "
            "Send several.",
            "too_many_inputs",
        )
    return [one(series, model, options, f"series.{place}") for place, series in enumerate(given)]


def one(given: Any, model: SeriesModel, options: ServeOptions, where: str = "series") -> Series:
    """Return one series [T, C]. where: its place in the request. Raises HTTPError 422 as `several` does."""
    if not isinstance(given, list) or not given:
        raise unprocessable(f"{where} must be {_FORM}; it needs one step at least.")
    if len(given) > options.max_steps:
        raise unprocessable(
            f"{where} has {len(given):,} steps; at most {options.max_steps:,} are read. Send fewer, or the mean of "
            "neighbouring ones.",
            "input_too_long",
        )
    values = matrix(given, len(model.inputs.channels), where)
    try:
        model.inputs.frames(values)
    except DataError as error:
        raise HTTPError(422, "unfit", f"{where}: {str(error)[0].lower()}{str(error)[1:]}") from None
    return values


def matrix(steps: list[Any], channels: int, where: str) -> Series:
    """Return steps as [T, C]; plain numbers where there is one channel. Raises HTTPError 422 for anything else."""
    if channels == 1 and not any(isinstance(step, list) for step in steps):
        flat = steps
    else:
        for place, step in enumerate(steps):
            if not isinstance(step, list):
                raise unprocessable(f"{where}.{place} must be a list of {_values(channels)}; {where} is {_FORM}.")
            if len(step) != channels:
                raise unprocessable(
                    f"{where}.{place} has {_values(len(step))}; a step of this model has {channels:,}, one for each "
                    "channel. /model lists them."
                )
        flat = list(chain.from_iterable(steps))
    if not set(map(type, flat)) <= _NUMBERS:
        place = next(place for place, value in enumerate(flat) if type(value) not in _NUMBERS)
        within = f".{place % channels}" if isinstance(steps[0], list) else ""
        raise unprocessable(f"{where}.{place // channels}{within} must be a number, or null where one is missing.")
    return np.array(flat, dtype=np.float64).reshape(len(steps), channels)


def _values(count: int) -> str:
    return f"{count:,} value{'s' * (count != 1)}"


def _is_list_of_lists(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], list)
