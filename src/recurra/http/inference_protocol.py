"""The part of the Open Inference Protocol (version 2, REST) that every server has: liveness, readiness, metadata.

Source: github.com/kserve/open-inference-protocol, specification/protocol/inference_rest.md
"""

from __future__ import annotations

from enum import Enum
from typing import Any

import orjson
from fastapi import APIRouter
from pydantic import BaseModel
from starlette.responses import Response

from recurra.http.errors import HTTPError, quoted
from recurra.http.schemas import error_schemas
from recurra.http.service import Service
from recurra.storage.version import VERSION

PREFIX = "/v2"
TAGS: list[str | Enum] = ["Open Inference Protocol"]


class ProtocolError(BaseModel):
    """An error of the Open Inference Protocol."""

    error: str


class ServerMetadata(BaseModel):
    """What the server is."""

    name: str
    version: str
    extensions: list[str]


class Live(BaseModel):
    """Whether the server runs."""

    live: bool


class Ready(BaseModel):
    """Whether the server, or a model, takes requests."""

    name: str | None = None
    ready: bool


def router(service: Service) -> APIRouter:
    """Return the routes that do not depend on the model's task."""
    routes = APIRouter(prefix=PREFIX, tags=TAGS)
    errors = error_schemas(model=ProtocolError)

    @routes.get("", response_model=ServerMetadata, responses=errors, summary="Server metadata")
    async def server_metadata() -> Response:
        return json_response({"name": "recurra", "version": VERSION, "extensions": []})

    @routes.get("/health/live", response_model=Live, responses=errors, summary="Liveness")
    async def live() -> Response:
        return json_response({"live": True})

    @routes.get("/health/ready", response_model=Ready, responses=_not_ready(), summary="Readiness")
    async def ready() -> Response:
        return json_response({"ready": service.ready}, 200 if service.ready else 503)

    @routes.get(
        "/models/{name}/ready", response_model=Ready, responses=_not_ready(404), summary="Readiness of the model"
    )
    async def model_ready(name: str) -> Response:
        check_name(service, name)
        return json_response({"name": service.name, "ready": service.ready}, 200 if service.ready else 503)

    return routes


def check_name(service: Service, name: str) -> None:
    """Raise HTTPError 404 where `name` is not the served model's."""
    if name != service.name:
        raise HTTPError(404, "model", f"There is no model {quoted(name)} here; its name is {quoted(service.name)}.")


def json_response(value: Any, status: int = 200) -> Response:
    """Return a response of plain values."""
    return Response(orjson.dumps(value), status, media_type="application/json")


def _not_ready(*statuses: int) -> dict[int | str, dict[str, Any]]:
    return error_schemas(*statuses, model=ProtocolError) | {503: {"model": Ready, "description": "Not ready."}}
