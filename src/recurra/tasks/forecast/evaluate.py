"""Judge a model that forecasts by the last horizon of other series. Base installation only."""

from __future__ import annotations

from typing import Any

from recurra.data.catalog import resolve
from recurra.evaluation.forecasts import Forecast, score_forecasts, seasonal_scale
from recurra.tasks.forecast.band import LEVELS
from recurra.tasks.forecast.division import divide
from recurra.tasks.forecast.forecast_file import fingerprint, read_file
from recurra.tasks.forecast.model import ForecastModel
from recurra.tasks.forecast.options import ForecastEvaluateOptions
from recurra.tasks.forecast.predict import covariates
from recurra.tasks.task import warn_of_training_data
from recurra.terminal.progress import Reporter


def evaluate(model: ForecastModel, data: str, options: ForecastEvaluateOptions, reporter: Reporter) -> dict[str, Any]:
    """Return everything measured on the last horizon of each series of `data`: see `score_forecasts`; and `how`.

    Raises ReadError, ColumnError, DataError for data that cannot be used.
    """
    source = resolve(data, holds="series")
    test = None if source.test is None else str(source.test)
    found = read_file(source.path, options, reporter, covariates=covariates(model), test=test, manifest=model.manifest)
    digest = fingerprint(found.histories, found.starts, found.frequency)
    if model.manifest is not None and digest == model.manifest.data.get("fingerprint"):
        reporter.info("These are the data of the training. What is judged is the part that it held out.")
    else:
        warn_of_training_data(model.manifest, digest, reporter)
    division = divide(found, model.shape.horizon, test)
    for note in [*found.notes, *division.notes]:
        reporter.info(note)
    held = division.held_out
    reporter.info(f"Forecasting {len(held):,} series.")
    quantiles = model.predict([one.history for one in held])
    scales = [seasonal_scale(one.history.values, model.inputs.season) for one in held]
    parts = zip(held, quantiles, scales, strict=True)
    scores = score_forecasts([Forecast(one.truth, said, scale) for one, said, scale in parts], LEVELS)
    names = [one.history.name for one in held]
    scores["per_series"] = [{"series": name, **one} for name, one in zip(names, scores["per_series"], strict=True)]
    return {**scores, "how": division.how.partition(";")[0]}
