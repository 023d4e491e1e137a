"""`POST /vowels`: how many vowels texts have."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from recurra.http.body import read_json
from recurra.http.schemas import COMPUTE, RequestBody, Several, Text, body_schema, error_schemas, parse_request
from recurra.http.served_task import ServedTask
from recurra.http.service import Backend, Service
from recurra.http.sse import respond
from recurra.http.text_limits import check_texts


class VowelRequest(RequestBody):
    """Texts whose vowels are counted."""

    texts: Several[Text] = Field(min_length=1, description="The texts.", json_schema_extra={"maxItems": "max_inputs"})


def router(service: Service) -> APIRouter:
    """Return the route."""
    routes = APIRouter()

    @routes.post(
        "/vowels",
        responses=error_schemas(*COMPUTE),
        openapi_extra=body_schema(VowelRequest, service.options),
        summary="Count the vowels of texts",
    )
    async def vowels(request: Request) -> Response:
        body = parse_request(VowelRequest, await read_json(request, service.options.max_body))
        check_texts(service.options, body.texts, "texts")
        counts = (model.count([text])[0] for model in [service.current_model().model] for text in body.texts)
        return await respond(service, request, counts, lambda numbers: {"model": service.name, "outputs": numbers})

    return routes


SERVED = ServedTask(
    name="vowels",
    title="Counting vowels",
    description="counts the vowels of texts",
    routes={"/vowels": "how many vowels each text has"},
    start=lambda service: Backend((router(service),)),
    trial=lambda model: model.count(["a text"]),
    facts=lambda model: {"hidden": model.shape.hidden},
    tabs=(("vowels", "Count"), ("model", "The model")),
    folder=Path(__file__).parent,
)
