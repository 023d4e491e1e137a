"""`POST /predict`: labels and probabilities for texts."""

from __future__ import annotations

from typing import Any

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response

from recurra.evaluation.decision import NONE
from recurra.http.body import read_json
from recurra.http.schemas import COMPUTE, body_schema, error_schemas, parse_request
from recurra.inference.label_answers import ranked
from recurra.many_to_one.http.rows import checked_rows
from recurra.tasks.classify.http.classifier import Predictions, ServedClassifier
from recurra.tasks.classify.http.schemas import PredictRequest, PredictResponse

TOO_MANY = "Send several, or a CSV to /score."
"""Advice for more texts than a request may have."""


def router(classifier: ServedClassifier) -> APIRouter:
    """Return the route."""
    routes = APIRouter()
    service = classifier.service

    @routes.post(
        "/predict",
        response_model=PredictResponse,
        responses=error_schemas(*COMPUTE),
        openapi_extra=body_schema(PredictRequest, service.options),
        summary="Label texts",
    )
    async def predict(request: Request) -> Response:
        body = parse_request(PredictRequest, await read_json(request, service.options.max_body))
        model = service.current_model()
        rows = checked_rows(model.model, service.options, body.inputs, "inputs", TOO_MANY)
        predictions = await classifier.predict(rows, request.receive, model)
        return Response(
            orjson.dumps({"model": service.name, "outputs": outputs(predictions, body.top)}),
            media_type="application/json",
        )

    return routes


def outputs(predictions: Predictions, top: int | None = None) -> list[dict[str, Any]]:
    """Return the prediction for each text as it goes into JSON. top: how many labels are ranked; None: they are not."""
    labels, names = predictions.model.labels, predictions.model.label_names
    answers = predictions.model.model.decision.answers(predictions.probabilities).tolist()
    return [
        {
            "label": None if answer == NONE else labels[answer],
            **({"top": ranked(chances, labels, top)} if top else {}),
            "probabilities": dict(zip(names, chances.tolist(), strict=True)),
            "truncated": encoding.truncated,
            "tokens": encoding.tokens,
            "nothing_known": encoding.nothing_known,
        }
        for answer, chances, encoding in zip(answers, predictions.probabilities, predictions.encodings, strict=True)
    ]
