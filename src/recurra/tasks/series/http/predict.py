"""`POST /predict`: a label with its probability, or a number, for each series."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from recurra.evaluation.calibration import softmax
from recurra.http.body import read_json
from recurra.http.errors import unprocessable
from recurra.http.schemas import COMPUTE, body_schema, error_schemas, parse_request
from recurra.http.service import Service
from recurra.http.sse import respond
from recurra.inference.label_answers import ranked
from recurra.tasks.series.http.given import Series, several
from recurra.tasks.series.http.schemas import PredictRequest, PredictResponse
from recurra.tasks.series.model import SeriesModel

BATCH_STEPS = 2_000
"""Steps of all series that one step of the computation answers, or one series that is longer."""
LONG = 2_000
"""Steps from which a series, which is answered in one step of the computation, holds up others."""


def router(service: Service) -> APIRouter:
    """Return the route."""
    routes = APIRouter()

    @routes.post(
        "/predict",
        response_model=PredictResponse,
        responses=error_schemas(*COMPUTE),
        openapi_extra=body_schema(PredictRequest, service.options),
        summary="Answer series",
    )
    async def predict(request: Request) -> Response:
        body = parse_request(PredictRequest, await read_json(request, service.options.max_body))
        model: SeriesModel = service.current_model().model
        if body.top is not None and not model.classifies:
            raise unprocessable("top is for labels; this model answers with a number.", "no_labels")
        series = await service.read_in_thread(lambda: several(body.series, model, service.options))
        return await respond(
            service,
            request,
            outputs(model, series, body.top),
            lambda found: {"model": service.name, "outputs": found},
            long_steps=max(map(len, series)) > LONG,
        )

    return routes


def outputs(model: SeriesModel, series: Sequence[Series], top: int | None = None) -> Iterator[dict[str, Any]]:
    """Yield the answer to each series as it goes into JSON; some short ones are answered together.

    top: how many labels are ranked; None: they are not.
    """
    begin = 0
    while begin < len(series):
        end, steps = begin + 1, len(series[begin])
        while end < len(series) and steps + len(series[end]) <= BATCH_STEPS:
            steps, end = steps + len(series[end]), end + 1
        answers = model.outputs(series[begin:end])
        if not model.classifies:
            yield from ({"number": float(answer[0])} for answer in answers)
        else:
            names = [str(label) for label in model.classes_]
            for chances in softmax(answers):
                yield {
                    "label": model.classes_[chances.argmax()],
                    **({"top": ranked(chances, names, top)} if top else {}),
                    "probabilities": dict(zip(names, chances.tolist(), strict=True)),
                }
        begin = end
