"""`POST /predict`: numbers with their intervals for texts."""

from __future__ import annotations

from typing import Any

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response

from recurra.http.body import read_json
from recurra.http.schemas import COMPUTE, body_schema, error_schemas, parse_request
from recurra.many_to_one.http.rows import checked_rows
from recurra.many_to_one.http.served_texts import ServedTexts, TextAnswers
from recurra.tasks.regress.http.schemas import PredictRequest, PredictResponse
from recurra.tasks.regress.model import TextRegressor

TOO_MANY = "Send several."
"""Advice for more texts than a request may have."""


def router(texts: ServedTexts) -> APIRouter:
    """Return the route."""
    routes = APIRouter()
    service = texts.service

    @routes.post(
        "/predict",
        response_model=PredictResponse,
        responses=error_schemas(*COMPUTE),
        openapi_extra=body_schema(PredictRequest, service.options),
        summary="Answer texts with numbers",
    )
    async def predict(request: Request) -> Response:
        body = parse_request(PredictRequest, await read_json(request, service.options.max_body))
        model = service.current_model()
        rows = checked_rows(model.model, service.options, body.inputs, "inputs", TOO_MANY)
        found = await texts.answer(rows, request.receive, model)
        return Response(orjson.dumps({"model": service.name, "outputs": outputs(found)}), media_type="application/json")

    return routes


def outputs(found: TextAnswers) -> list[dict[str, Any]]:
    """Return the number for each text as it goes into JSON."""
    model: TextRegressor = found.model.model
    raw = found.answers[:, 0]
    low, high = model.around(raw)
    assert model.intervals is not None  # for the type checker: `around` has seen them
    values = model.intervals.clipped(raw)
    return [
        {
            "value": value,
            "lo": lo,
            "hi": hi,
            "truncated": encoding.truncated,
            "tokens": encoding.tokens,
            "nothing_known": encoding.nothing_known,
        }
        for value, lo, hi, encoding in zip(values.tolist(), low.tolist(), high.tolist(), found.encodings, strict=True)
    ]
