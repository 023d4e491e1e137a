"""`POST /predict`: labels, probabilities and thresholds for texts."""

from __future__ import annotations

from typing import Any

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response

from recurra.http.body import read_json
from recurra.http.schemas import COMPUTE, body_schema, error_schemas, parse_request
from recurra.inference.label_answers import ranked
from recurra.many_to_one.http.rows import checked_rows
from recurra.many_to_one.http.served_texts import ServedTexts, TextAnswers
from recurra.tasks.multilabel.http.schemas import LabelsRequest, LabelsResponse
from recurra.tasks.multilabel.model import MultilabelClassifier

TOO_MANY = "Send several requests."
"""Advice for more texts than a request may have."""


def router(texts: ServedTexts) -> APIRouter:
    """Return the route."""
    routes = APIRouter()
    service = texts.service

    @routes.post(
        "/predict",
        response_model=LabelsResponse,
        responses=error_schemas(*COMPUTE),
        openapi_extra=body_schema(LabelsRequest, service.options),
        summary="Give texts labels",
    )
    async def predict(request: Request) -> Response:
        body = parse_request(LabelsRequest, await read_json(request, service.options.max_body))
        model = service.current_model()
        rows = checked_rows(model.model, service.options, body.inputs, "inputs", TOO_MANY)
        found = await texts.answer(rows, request.receive, model)
        return Response(
            orjson.dumps({"model": service.name, "outputs": outputs(found, body.top, body.threshold)}),
            media_type="application/json",
        )

    return routes


def outputs(found: TextAnswers, top: int | None = None, threshold: float | None = None) -> list[dict[str, Any]]:
    """Return the labels of each text as they go into JSON. top: how many labels are ranked; None: they are not;
    threshold: of all labels; None: those of the model."""
    model: MultilabelClassifier = found.model.model
    if threshold is not None:
        model = model.with_thresholds(threshold)
    labels, names = found.model.labels, found.model.label_names
    thresholds = dict(zip(names, model.thresholds.tolist(), strict=True))
    return [
        {
            "labels": given,
            **({"top": ranked(chances, labels, top)} if top else {}),
            "probabilities": dict(zip(names, chances.tolist(), strict=True)),
            "thresholds": thresholds,
            "truncated": encoding.truncated,
            "tokens": encoding.tokens,
            "nothing_known": encoding.nothing_known,
        }
        for chances, given, encoding in zip(found.answers, model.labels_of(found.answers), found.encodings, strict=True)
    ]
