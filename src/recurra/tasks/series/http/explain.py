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
from recurra.tasks.series.explain import (
    Explanation,
    answers_needed,
    explain_in_steps,
    frames_in,
    label_row,
    plain,
)
from recurra.tasks.series.http.given import Series, one
from recurra.tasks.series.http.predict import LONG
from recurra.tasks.series.http.schemas import ExplainRequest, ExplainResponse
from recurra.tasks.series.model import SeriesModel

MOST_FRAMES = 500_000
"""Frames that may be answered to explain a series: more would come near the time after which a request ends."""


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
        _check_length(series)
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


def _check_length(series: Series) -> None:
    """Raise HTTPError 422 for a series whose explanation would take longer than a request may."""
    steps, channels = series.shape
    if answers_needed(steps, channels) * frames_in(steps, channels) > MOST_FRAMES:
        raise unprocessable(
            f"series has {steps:,} steps of {channels:,} channels, which takes too long to explain in a request. Send "
            "fewer steps, or the mean of neighbouring ones.",
            "input_too_long",
        )


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
