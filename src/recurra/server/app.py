"""The application: the routes of the model's task and of every server, within their middleware."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from recurra.http import inference_protocol
from recurra.http.access import AccessMiddleware
from recurra.http.access_log import AccessLogMiddleware
from recurra.http.errors import HTTPError, error_response, internal_error, quoted, send_error, unprocessable
from recurra.http.security_headers import SecurityHeadersMiddleware
from recurra.http.served_task import ServedTask
from recurra.http.service import Service
from recurra.server import pages
from recurra.storage.version import VERSION
from recurra.tasks.registry import all_tasks, task_named


def create_app(service: Service, hosts: Iterable[str] | None = None) -> ASGIApp:
    """Start the backend of the model's task, and return the ASGI application.

    hosts: accepted values of the Host header, without port; None accepts every one.
    """
    task = task_named(service.task, service.reloader.directory).served()
    service.backend = task.start(service)
    app = FastAPI(
        title="Recurra",
        version=VERSION,
        description=f"Answers of the model {service.name!r}. {task.usage}",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
    )
    app.add_exception_handler(HTTPError, _handle_http_error)
    app.add_exception_handler(HTTPException, _handle_starlette_error)
    app.add_exception_handler(RequestValidationError, _handle_validation_error)
    app.add_exception_handler(Exception, _handle_exception)
    for router in (*service.backend.routers, inference_protocol.router(service), pages.router(service, task, app)):
        app.include_router(router)
    app.router.default = _NotFound(task)
    guarded = AccessMiddleware(app, service, hosts)
    return SecurityHeadersMiddleware(AccessLogMiddleware(guarded, service, task.routes))


class _NotFound:
    """Answers where no route is, with what the model of this server can do."""

    def __init__(self, task: ServedTask) -> None:
        self._task = task

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        error = not_found(scope["path"], self._task)
        if scope["type"] == "websocket":
            await send_error(scope, receive, send, error)
            return
        raise error


def not_found(path: str, task: ServedTask) -> HTTPError:
    """Return the error 404 of a path that a model of `task` has no route for."""
    others = [
        other.name
        for other in (registered.served() for registered in all_tasks())
        if path in other.routes and other is not task
    ]
    if others:
        answered = f"{path} is answered by a model of the task {' or '.join(others)}."
        return HTTPError(404, "other_task", f"{answered} {task.usage}")
    return HTTPError(404, "none", f"There is nothing here. {task.usage} /docs lists all routes.")


async def _handle_http_error(request: Request, error: Any) -> Response:
    return error_response(error, request.scope["path"])


async def _handle_starlette_error(request: Request, error: Any) -> Response:
    path, status = request.scope["path"], error.status_code
    if status != 405:
        return error_response(HTTPError(status, "refused", "The request was refused.", error.headers), path)
    allowed = ", ".join(sorted(name.strip() for name in (error.headers or {}).get("Allow", "").split(",")))
    message = f"This address does not take the method {quoted(request.method)}; it takes {allowed}."
    return error_response(HTTPError(405, "method", message, {"Allow": allowed}), path)


async def _handle_validation_error(request: Request, error: Any) -> Response:
    first = error.errors()[0]
    return error_response(unprocessable(f"{'.'.join(map(str, first['loc']))}: {first['msg']}."), request.scope["path"])


async def _handle_exception(request: Request, error: Exception) -> Response:
    """Answer where the server failed. Starlette raises the error again, for the access log."""
    return error_response(internal_error(), request.scope["path"])
