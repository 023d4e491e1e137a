"""`POST /explain`: what the forecast of a series is made of."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from recurra.http.body import read_json
from recurra.http.schemas import COMPUTE, body_schema, error_schemas, parse_request
from recurra.http.service import Service
from recurra.http.sse import respond
from recurra.tasks.forecast.explain import Explanation, explain_in_steps, plain
from recurra.tasks.forecast.http.forecast import LONG
from recurra.tasks.forecast.http.given import only
from recurra.tasks.forecast.http.schemas import ExplainRequest, ExplainResponse
from recurra.tasks.forecast.model import ForecastModel


def router(service: Service) -> APIRouter:
    """Return the route."""
    routes = APIRouter()

    @routes.post(
        "/explain",
        response_model=ExplainResponse,
        responses=error_schemas(*COMPUTE),
        openapi_extra=body_schema(ExplainRequest, service.options),
        summary="Explain the forecast of a series",
    )
    async def explain(request: Request) -> Response:
        body = parse_request(ExplainRequest, await read_json(request, service.options.max_body))
        model: ForecastModel = service.current_model().model
        given = await service.read_in_thread(lambda: only(body, model, service.options))
        count = len(given.history)
        return await respond(
            service,
            request,
            explain_in_steps(model, given.history, len(given.times), (range(1, count + 1), given.times)),
            lambda found: {"model": service.name, **_last(found)},
            long_steps=count * model.shape.horizon > LONG,
        )

    return routes


def _last(found: list[Explanation | None]) -> dict[str, Any]:
    """Return the explanation at the end of the work as it goes into JSON."""
    explanation = found[-1]
    assert explanation is not None
    return plain(explanation)
