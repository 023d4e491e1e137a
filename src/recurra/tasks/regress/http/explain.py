"""`POST /explain`: what the words and the sentences of a text contribute to its number."""

from __future__ import annotations

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response

from recurra.errors import RecurraError
from recurra.http.body import read_json
from recurra.http.errors import timed_out, unprocessable
from recurra.http.schemas import COMPUTE, body_schema, error_schemas, parse_request
from recurra.many_to_one.http.explained import explained
from recurra.many_to_one.http.rows import checked_rows
from recurra.many_to_one.http.served_texts import ServedTexts
from recurra.tasks.regress.http.schemas import ExplainRequest, ExplainResponse


def router(texts: ServedTexts) -> APIRouter:
    """Return the route."""
    routes = APIRouter()
    service = texts.service

    @routes.post(
        "/explain",
        response_model=ExplainResponse,
        responses=error_schemas(*COMPUTE),
        openapi_extra=body_schema(ExplainRequest, service.options),
        summary="Explain a text's number",
    )
    async def explain(request: Request) -> Response:
        body = parse_request(ExplainRequest, await read_json(request, service.options.max_body))
        model = service.current_model().model
        (row,) = checked_rows(model, service.options, [body.input], "input")
        try:
            explanation = await explained(texts, lambda: model.explain(row))
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
