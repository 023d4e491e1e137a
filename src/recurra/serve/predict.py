"""`POST /predict`: labels and probabilities for texts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response

from recurra.serve.body import read_json
from recurra.serve.problems import unfit
from recurra.serve.schemas import WORK, PredictRequest, PredictResponse, accepted, body_schema, refusals
from recurra.serve.service import Answers, Service


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


def check_texts(service: Service, texts: Sequence[str], where: str) -> None:
    """Raise Problem 422 for more texts, or longer ones, than are answered in a request."""
    options = service.options
    if len(texts) > options.max_inputs:
        raise unfit(
            f"{where} has {len(texts):,} texts; at most {options.max_inputs:,} are answered in one request. "
            f"Send several{', or a CSV to /score' if service.task == 'classify' else ''}.",
            "too_many_inputs",
        )
    for place, text in enumerate(texts):
        if len(text) > options.max_characters:
            raise unfit(
                f"{where}.{place} has {len(text):,} characters; at most {options.max_characters:,} are read.",
                "input_too_long",
            )
