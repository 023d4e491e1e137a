"""`POST /forecast`: the next values of each series, with a band."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from recurra.http.body import read_json
from recurra.http.schemas import COMPUTE, body_schema, error_schemas, parse_request
from recurra.http.service import Service
from recurra.http.sse import respond
from recurra.tasks.forecast.http.given import Given, several
from recurra.tasks.forecast.http.schemas import ForecastRequest, ForecastResponse
from recurra.tasks.forecast.model import ForecastModel
from recurra.tasks.forecast.predict import steps

LONG = 12_000
"""Steps of a history times those of the horizon from which a step of the computation holds up others."""


def router(service: Service) -> APIRouter:
    """Return the route."""
    routes = APIRouter()

    @routes.post(
        "/forecast",
        response_model=ForecastResponse,
        responses=error_schemas(*COMPUTE),
        openapi_extra=body_schema(ForecastRequest, service.options),
        summary="Forecast series",
    )
    async def forecast(request: Request) -> Response:
        body = parse_request(ForecastRequest, await read_json(request, service.options.max_body))
        model: ForecastModel = service.current_model().model
        given = await service.read_in_thread(lambda: several(body, model, service.options))
        return await respond(
            service,
            request,
            outputs(model, given),
            lambda found: {"model": service.name, "outputs": found},
            long_steps=max(len(one.history) for one in given) * model.shape.horizon > LONG,
        )

    return routes


def outputs(model: ForecastModel, given: Sequence[Given]) -> Iterator[dict[str, Any]]:
    """Yield the forecast of each history as it goes into JSON."""
    for one in given:
        (quantiles,) = model.predict([one.history], len(one.times))
        named = {} if one.history.name is None else {"series": one.history.name}
        where = {} if one.places is None else {"places": one.places}
        yield named | where | {"forecast": steps(one.times, quantiles)}
