"""`POST /predict`: labels and probabilities for texts."""

from __future__ import annotations

from typing import Any

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response

from recurra.http.body import read_json
from recurra.http.schemas import WORK, PredictRequest, PredictResponse, accepted, body_schema, refusals
from recurra.http.service import Answers, Service
from recurra.http.text_limits import check_texts


def router(service: Service) -> APIRouter:
    """Return the route."""
    routes = APIRouter()

    @routes.post(
        "/predict",
        response_model=PredictResponse,
        responses=refusals(*WORK),
        openapi_extra=body_schema(PredictRequest, service.options),
        summary="Label texts",
    )
    async def predict(request: Request) -> Response:
        given = accepted(PredictRequest, await read_json(request, service.options.max_body))
        check_texts(service, given.inputs, "inputs")
        answers = await service.answer(given.inputs, request.receive)
        return Response(
            orjson.dumps({"model": service.name, "outputs": outputs(answers)}), media_type="application/json"
        )

    return routes


def outputs(answers: Answers) -> list[dict[str, Any]]:
    """Return the answer for each text as it goes into JSON."""
    labels, names = answers.served.labels, answers.served.names
    return [
        {
            "label": labels[chances.index(max(chances))],
            "probabilities": dict(zip(names, chances, strict=True)),
            "truncated": encoding.truncated,
            "tokens": encoding.tokens,
        }
        for chances, encoding in zip(answers.probabilities.tolist(), answers.encodings, strict=True)
    ]
