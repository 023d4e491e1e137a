"""Forecast series that are given as JSON, or all those of files, one after the other."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.errors import DataError, brief, did_you_mean
from recurra.tasks.forecast.forecast_file import ForecastFile, read_file
from recurra.tasks.forecast.history import LARGEST, History, checked
from recurra.tasks.forecast.inputs import KINDS
from recurra.tasks.forecast.model import ForecastModel
from recurra.tasks.forecast.options import ForecastPredictOptions
from recurra.terminal.progress import Reporter

Floats = NDArray[np.float64]
Times = Sequence[str] | Sequence[int]
BATCH = 256
"""Series that are answered together."""
COLUMNS = ("y", "lo", "hi")
"""What each step of a forecast has: the middle of what may come, and the ends of the band of 80 %."""


def predict(model: ForecastModel, inputs: Iterable[str], options: ForecastPredictOptions) -> Iterator[dict[str, Any]]:
    """Yield an answer for each series: its name `series`, and `forecast`, a list with ds, y, lo and hi for each step.

    inputs: JSON lists of numbers, null where one is missing, whose steps are numbered from 1; or the paths of long
    tables. Raises DataError, ReadError and ColumnError for what holds no such series, OptionError for a horizon that
    the model does not reach.
    """
    for given in inputs:
        if given.lstrip().startswith("["):
            (quantiles,) = model.predict([parsed(given)], options.horizon)
            yield {"forecast": steps(range(1, len(quantiles) + 1), quantiles)}
            continue
        if not Path(given).exists() and not Path(given).suffix:
            raise DataError(f'{brief(given)} is no file. Give a table of series, or a list such as "[1.5, null, 2]".')
        reporter = Reporter()
        found = open_file(model, given, options, reporter)
        for note in found.notes:
            reporter.info(note)
        yield from answers(model, found, options.horizon)


def open_file(model: ForecastModel, path: str, options: ForecastPredictOptions, reporter: Reporter) -> ForecastFile:
    """Return the series of a long table with the columns that a model reads."""
    return read_file(path, options, reporter, covariates=covariates(model), manifest=model.manifest)


def covariates(model: ForecastModel) -> dict[str, list[str]]:
    """Return the names of the covariates that a model reads, by kind."""
    return {kind: list(getattr(model.inputs, kind).names) for kind in KINDS}


def answers(model: ForecastModel, found: ForecastFile, horizon: int | None) -> Iterator[dict[str, Any]]:
    """Yield the forecast of each series of a file."""
    for start in range(0, len(found.histories), BATCH):
        batch = found.histories[start : start + BATCH]
        for history in batch:
            model.inputs.check(history, model.steps(horizon))
            model.inputs.check_ahead(history, model.steps(horizon))
        for place, quantiles in enumerate(model.predict(batch, horizon), start):
            history = found.histories[place]
            times = found.times(place, len(history), len(quantiles))
            yield {"series": history.name, "forecast": steps(times, quantiles)}


def steps(times: Sequence[str] | Iterable[int], quantiles: Floats) -> list[dict[str, Any]]:
    """Return the steps of a forecast as values of JSON. quantiles: [H, 3]."""
    rows = zip(times, quantiles.tolist(), strict=True)
    return [{"ds": time, "y": middle, "lo": low, "hi": high} for time, (low, middle, high) in rows]


def one_series(
    model: ForecastModel, given: str, options: ForecastPredictOptions
) -> tuple[History, tuple[Times, Times]]:
    """Return the one series that is meant, and the times of its steps and of its forecast.

    given: a JSON list as in `predict`, or the path of a table, with the name of one of its series after a `#` where it
    has several: `sales.csv#shoes`. Raises DataError where it is not clear which one is meant, and as `predict` does.
    """
    horizon = model.shape.horizon
    if given.lstrip().startswith("["):
        history = checked(parsed(given))
        return history, (range(1, len(history) + 1), range(1, horizon + 1))
    path, name = given, ""
    if not Path(given).exists() and "#" in given:
        path, _, name = given.rpartition("#")
    found = open_file(model, path, options, Reporter())
    names = [history.name or "" for history in found.histories]
    if name and name not in names:
        raise DataError(f"{path} has no series {brief(name)}.{did_you_mean(name, names)}")
    if not name and len(names) > 1:
        raise DataError(f"{path} has {len(names):,} series. Name one of them after a #, such as {path}#{names[0]}.")
    place = names.index(name) if name else 0
    history = found.histories[place]
    return history, (found.times(place, 0, len(history)), found.times(place, len(history), horizon))


def parsed(text: str) -> Floats:
    """Return a series [T] written as JSON, NaN where it holds null. Raises DataError for anything else."""
    try:
        values = json.loads(text)
    except (ValueError, RecursionError):
        raise DataError(f"A series must be a JSON list, such as [1.5, null, 2]; got {text[:40]!r}.") from None
    return from_json(values)


def from_json(values: Any) -> Floats:
    """Return a list of numbers [T] as an array, NaN for null. Raises DataError for others."""
    if not isinstance(values, list) or not all(_is_number(value) for value in values):
        raise DataError("A series must be a list of numbers, one for each step; null is none.")
    if any(value is not None and abs(value) > LARGEST for value in values):
        raise DataError("A series has values that are infinite, or beyond 1e30.")
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)


def _is_number(value: object) -> bool:
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))
