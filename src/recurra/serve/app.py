"""The application: routes within their middleware."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from recurra import __version__
from recurra.serve import explain, inference_protocol, pages, predict, score, stream
from recurra.serve.gate import Gate
from recurra.serve.problems import Problem, failed, response_of
from recurra.serve.recorder import Recorder
from recurra.serve.service import Service

_CODES = {404: "none", 405: "method"}
_SENTENCES = {404: "There is nothing here. /docs lists what there is.", 405: "This address takes another method."}


def create_app(service: Service, hosts: Iterable[str] | None = None) -> ASGIApp:
    """Return the ASGI application. hosts: the names that requests may be addressed to; None lets every name pass."""
    app = FastAPI(
        title="Recurra",
        version=__version__,
        description=f"Answers of the model {service.name!r}.",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
    )
    app.add_exception_handler(Problem, _refused)
    app.add_exception_handler(HTTPException, _not_found)
    app.add_exception_handler(RequestValidationError, _unfit)
    app.add_exception_handler(Exception, _failed)
    for module in (predict, explain, score, stream, inference_protocol):
        app.include_router(module.router(service))
    app.include_router(pages.router(service, app))
    return Recorder(Gate(app, service, hosts), service)


async def _refused(request: Request, error: Any) -> Response:
    return response_of(error, request.url.path)


async def _not_found(request: Request, error: Any) -> Response:
    status = error.status_code
    sentence = _SENTENCES.get(status, "The request was refused.")
    return response_of(Problem(status, _CODES.get(status, "refused"), sentence, error.headers), request.url.path)


async def _unfit(request: Request, error: Any) -> Response:
    place = ".".join(map(str, error.errors()[0]["loc"]))
    return response_of(Problem(422, "unfit", f"{place}: {error.errors()[0]['msg']}."), request.url.path)


async def _failed(request: Request, error: Exception) -> Response:
    """Answer where the server failed. The error goes on to the recorder, which logs it."""
    return response_of(failed(), request.url.path)
