"""`POST /explain`: what the words and the sentences of a text contribute to a label."""

from __future__ import annotations

from typing import Annotated

import orjson
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from recurra.errors import RecurraError
from recurra.http.body import read_json
from recurra.http.errors import timed_out, unprocessable
from recurra.http.schemas import COMPUTE, body_schema, error_schemas, parse_request
from recurra.many_to_one.http.explained import explained
from recurra.many_to_one.http.rows import checked_rows
from recurra.many_to_one.http.served_texts import ServedTexts
from recurra.tasks.multilabel.http.schemas import LabelExplainRequest, LabelExplainResponse


def router(texts: ServedTexts) -> APIRouter:
    """Return the route."""
    routes = APIRouter()
    service = texts.service

    @routes.post(
        "/explain",
        response_model=LabelExplainResponse,
        responses=error_schemas(*COMPUTE),
        openapi_extra=body_schema(LabelExplainRequest, service.options),
        summary="Explain a label of a text",
    )
    async def explain(
        request: Request,
        target: Annotated[str | None, Query(description="The label to explain, where the body names none.")] = None,
    ) -> Response:
        body = parse_request(LabelExplainRequest, await read_json(request, service.options.max_body))
        served = service.current_model()
        (row,) = checked_rows(served.model, service.options, [body.input], "input")
        name = target if body.target is None else body.target
        if name is not None and name not in served.label_names:
            raise unprocessable("target is not one of the model's labels; /model lists them.")
        label = None if name is None else served.labels[served.label_names.index(name)]
        model = served.model
        try:
            explanation = await explained(texts, lambda: model.explain(row, label))
        except TimeoutError:
            service.metrics.dropped.labels("expired").inc()
            raise timed_out(service.options.timeout) from None
        except RecurraError as error:
            raise unprocessable(str(error)) from None
        return Response(
            orjson.dumps({"model": service.name, **explanation.to_dict()}, option=orjson.OPT_SERIALIZE_NUMPY),
            media_type="application/json",
        )

    return routes
