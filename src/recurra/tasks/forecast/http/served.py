"""What the server does with a model that forecasts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from recurra.http.served_task import ServedTask
from recurra.http.service import Backend, Service
from recurra.tasks.forecast.explain import explain, plain
from recurra.tasks.forecast.history import History
from recurra.tasks.forecast.http import explain as explain_route
from recurra.tasks.forecast.http import forecast
from recurra.tasks.forecast.http.given import frequency_of_model
from recurra.tasks.forecast.model import ForecastModel
from recurra.tasks.forecast.predict import covariates


def start(service: Service) -> Backend:
    """Return the routes."""
    return Backend(routers=(forecast.router(service), explain_route.router(service)))


def _trial(model: ForecastModel) -> list[Any]:
    """Return forecasts of noise around a line, of several lengths, and an explanation."""
    rng, shape = np.random.default_rng(0), model.shape
    histories = [
        History(
            np.arange(steps) + rng.normal(size=steps),
            past=rng.normal(size=(steps, shape.past)) if shape.past else None,
            future=rng.normal(size=(steps + shape.horizon, shape.future)) if shape.future else None,
            static=rng.normal(size=shape.static) if shape.static else None,
        )
        for steps in (3, 17, 60)
    ]
    return [model.predict(histories), plain(explain(model, histories[1]))]


def _facts(model: ForecastModel) -> dict[str, Any]:
    frequency = frequency_of_model(model)
    data = {} if model.manifest is None else model.manifest.data
    return {
        "horizon": model.shape.horizon,
        "season": model.inputs.season,
        "frequency": None if frequency is None else str(frequency),
        "covariates": covariates(model),
        "columns": {name: data.get(name) for name in ("id", "time", "target")},
    }


TASK = ServedTask(
    name="forecast",
    title="Forecasts",
    description="forecasts series of numbers",
    routes={
        "/forecast": "the next values of each series, with a band",
        "/explain": "what the forecast of a series is made of",
    },
    start=start,
    trial=_trial,
    facts=_facts,
    tabs=(("series", "Series"), ("model", "The model")),
    folder=Path(__file__).parents[1] / "page",
)
