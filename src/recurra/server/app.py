"""The application: routes within their middleware."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from recurra.http.access import Gate
from recurra.http.access_log import Recorder
from recurra.http.errors import HTTPError, error_response, internal_error, send_error
from recurra.http.served_task import ServedTask
from recurra.http.service import Service
from recurra.server import pages
from recurra.storage.version import VERSION
from recurra.tasks.classify.http import inference_protocol
from recurra.tasks.served import TASKS, nowhere

_CODES = {405: "method"}
_SENTENCES = {405: "This address takes another method."}


def create_app(service: Service, hosts: Iterable[str] | None = None) -> ASGIApp:
    """Return the ASGI application. hosts: the names that requests may be addressed to; None lets every name pass."""
    task = TASKS[service.task]
    app = FastAPI(
        title="Recurra",
        version=VERSION,
        description=f"Answers of the model {service.name!r}. {task.offer}",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
    )
    app.add_exception_handler(HTTPError, _refused)
    app.add_exception_handler(HTTPException, _not_taken)
    app.add_exception_handler(RequestValidationError, _unfit)
    app.add_exception_handler(Exception, _failed)
    for router in (*task.routers, inference_protocol.router):
        app.include_router(router(service))
    app.include_router(pages.router(service, task, app))
    app.router.default = _Nowhere(task)
    return Recorder(Gate(app, service, hosts), service, task.work)


class _Nowhere:
    """Where no route is: says what the model of this server can do."""

    def __init__(self, task: ServedTask) -> None:
        self._task = task

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        error = nowhere(scope["path"], self._task)
        if scope["type"] == "websocket":
            await send_error(scope, receive, send, error)
            return
        raise error


async def _refused(request: Request, error: Any) -> Response:
    return error_response(error, request.url.path)


async def _not_taken(request: Request, error: Any) -> Response:
    status = error.status_code
    sentence = _SENTENCES.get(status, "The request was refused.")
    return error_response(HTTPError(status, _CODES.get(status, "refused"), sentence, error.headers), request.url.path)


async def _unfit(request: Request, error: Any) -> Response:
    place = ".".join(map(str, error.errors()[0]["loc"]))
    return error_response(HTTPError(422, "unfit", f"{place}: {error.errors()[0]['msg']}."), request.url.path)


async def _failed(request: Request, error: Exception) -> Response:
    """Answer where the server failed. The error goes on to the recorder, which logs it."""
    return error_response(internal_error(), request.url.path)
