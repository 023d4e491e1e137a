"""`POST /explain`: what the words and the sentences of a text contribute."""

from __future__ import annotations

import asyncio

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response

from recurra.errors import RecurraError
from recurra.http.body import read_json
from recurra.http.errors import timed_out, unprocessable
from recurra.http.schemas import WORK, ExplainRequest, ExplainResponse, accepted, body_schema, refusals
from recurra.http.service import Service
from recurra.http.text_limits import check_texts


def router(service: Service) -> APIRouter:
    """Return the route."""
    routes = APIRouter()

    @routes.post(
        "/explain",
        response_model=ExplainResponse,
        responses=refusals(*WORK),
        openapi_extra=body_schema(ExplainRequest, service.options),
        summary="Explain a text's label",
    )
    async def explain(request: Request) -> Response:
        given = accepted(ExplainRequest, await read_json(request, service.options.max_body))
        check_texts(service, [given.input], "input")
        served = service.served()
        target = None if given.target is None else dict(zip(served.names, served.labels, strict=True)).get(given.target)
        if given.target is not None and target is None:
            raise unprocessable("target is not one of the model's labels; /model lists them.")
        try:
            async with asyncio.timeout(service.options.timeout), service.explaining:
                explanation = await service.in_thread(lambda: served.model.explain(given.input, target))
        except TimeoutError:
            raise timed_out(service.options.timeout) from None
        except RecurraError as error:
            raise unprocessable(str(error)) from None
        return Response(
            orjson.dumps({"model": service.name, **explanation.to_dict()}, option=orjson.OPT_SERIALIZE_NUMPY),
            media_type="application/json",
        )

    return routes
