"""`POST /explain`: what each channel and each window of a series contributes to its label, or to its number."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from recurra.errors import OptionError
from recurra.http.body import read_json
from recurra.http.errors import unprocessable
from recurra.http.schemas import COMPUTE, body_schema, error_schemas, parse_request
from recurra.http.service import Service
from recurra.http.sse import respond
from recurra.tasks.series.explain import Explanation, explain_in_steps, label_row, plain
from recurra.tasks.series.http.given import one
from recurra.tasks.series.http.predict import LONG
from recurra.tasks.series.http.schemas import ExplainRequest, ExplainResponse
from recurra.tasks.series.model import SeriesModel


def router(service: Service) -> APIRouter:
    """Return the route."""
    routes = APIRouter()

    @routes.post(
        "/explain",
        response_model=ExplainResponse,
        responses=error_schemas(*COMPUTE),
        openapi_extra=body_schema(ExplainRequest, service.options),
        summary="Explain the answer to a series",
    )
    async def explain(request: Request) -> Response:
        body = parse_request(ExplainRequest, await read_json(request, service.options.max_body))
        model: SeriesModel = service.current_model().model
        series = await service.read_in_thread(lambda: one(body.series, model, service.options))
        if body.target is not None:
            _check_target(model, body.target)
        return await respond(
            service,
            request,
            explain_in_steps(model, series, body.target),
            lambda found: {"model": service.name, **_unnamed(found[-1])},
            long_steps=len(series) > LONG,
        )

    return routes


def _unnamed(explanation: Explanation | None) -> dict[str, Any]:
    """Return an explanation as it goes into JSON; that of a request has no name of its series."""
    assert explanation is not None
    return {name: value for name, value in plain(explanation).items() if name != "series"}


def _check_target(model: SeriesModel, target: str) -> None:
    """Raise HTTPError 422 for what is no label of the model; what was given is not repeated."""
    try:
        label_row(model, target)
    except OptionError:
        reason = (
            "target is not one of the model's labels; /model lists them."
            if model.classifies
            else "target: this model predicts numbers, of which there is none to choose. Leave it out."
        )
        raise unprocessable(reason) from None
