"""What the server does with a model of series."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from recurra.http.served_task import ServedTask
from recurra.http.service import Backend, Service
from recurra.tasks.series.explain import explain, plain
from recurra.tasks.series.http import explain as explain_route
from recurra.tasks.series.http import predict, websocket
from recurra.tasks.series.model import SeriesModel


def start(service: Service) -> Backend:
    """Return the routes."""
    return Backend(
        routers=(predict.router(service), explain_route.router(service), websocket.router(service)),
    )


def _trial(model: SeriesModel) -> list[Any]:
    """Return answers to noise of several lengths, around the means in training, and an explanation."""
    rng, means = np.random.default_rng(0), np.array(model.inputs.means)
    series = [means + rng.normal(size=(steps, len(means))) for steps in (1, 7, 40)]
    return [model.outputs(series), list(predict.outputs(model, series)), plain(explain(model, series[1]))]


def _facts(model: SeriesModel) -> dict[str, Any]:
    return {
        "kind": model.shape.kind,
        "channels": model.inputs.channels,
        "means": model.inputs.means,
        "missing": model.inputs.missing,
        "stream_steps": websocket.MOST_STEPS,
    }


TASK = ServedTask(
    name="series",
    title="Series of numbers",
    description="answers series of numbers with a label or a number",
    routes={
        "/predict": "the label of a series with probabilities, or a number",
        "/explain": "what each channel and each window contributes",
        "/stream": "the answer so far for a series that arrives in pieces, over a WebSocket",
    },
    start=start,
    trial=_trial,
    facts=_facts,
    tabs=(("series", "Series"), ("model", "The model")),
    folder=Path(__file__).parents[1] / "page",
)
