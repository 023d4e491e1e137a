"""What is recorded of every request: metrics, and one line in the access log.

The log names the route, not the path or the query, so it contains no text and no key.
"""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Iterable
from contextlib import suppress

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from recurra.http.errors import internal_error, location_of, send_error
from recurra.http.service import Service

UNMATCHED = "(none)"
CLIENT_CLOSED = 499
"""Status in log and metrics of a request whose client did not wait for the answer (nginx's code)."""

SWITCHED = 101
"""Status in log and metrics of a WebSocket that was opened."""

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

log = logging.getLogger("recurra.serve")


class AccessLogMiddleware:
    """ASGI middleware that counts, times and logs requests, and answers those over HTTP that raised an exception.

    A response that breaks off is left incomplete: the server then closes the connection, and the client notices.
    A WebSocket is counted and logged when it ends: with the status of its refusal, or with 101.
    """

    def __init__(self, app: ASGIApp, service: Service, routes: Iterable[str]) -> None:
        """routes: those that compute, which are named also where a request is rejected before it is routed."""
        self._app = app
        self._service = service
        self._routes = {path.replace("{name}", service.name): path for path in routes}
        self._second = 0
        self._stamp = ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self._serve_socket(scope, receive, send)
            return
        if scope["type"] != "http":
            return
        started = time.perf_counter()
        status = 0

        async def record_status(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = message["headers"] = list(message.get("headers", ()))
                if self._service.draining and all(name != b"connection" for name, _ in headers):
                    headers.append((b"connection", b"close"))
            await send(message)

        self._service.in_flight += 1
        try:
            await self._app(scope, receive, record_status)
        except ClientDisconnect:
            status = CLIENT_CLOSED
        except Exception as error:
            log.error("A request failed: %s", location_of(error))
            if not status:
                await send_error(scope, receive, record_status, internal_error())
        finally:
            self._service.in_flight -= 1
            self._record(scope, status or CLIENT_CLOSED, time.perf_counter() - started)

    async def _serve_socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        status = CLIENT_CLOSED

        async def record_status(message: Message) -> None:
            nonlocal status
            if message["type"] == "websocket.accept":
                status = SWITCHED
            elif message["type"] == "websocket.http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, record_status)
        except Exception as error:
            log.error("A WebSocket failed: %s", location_of(error))
            if status == CLIENT_CLOSED:
                await send_error(scope, receive, record_status, internal_error())
        finally:
            self._record(scope, status, time.perf_counter() - started)

    def _record(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", None) or self._routes.get(scope["path"], UNMATCHED)
        method = scope.get("method", "GET")  # that of the request that opens a WebSocket
        method = method if method in METHODS else "other"
        metrics = self._service.metrics
        metrics.requests.labels(route, method, str(status)).inc()
        if status != SWITCHED:  # a stream is open for as long as its client likes
            metrics.seconds.labels(route).observe(seconds)
        if self._service.options.access_log:
            client = scope.get("client")
            self._write(f"{client[0] if client else '-'} {method} {route} {status} {seconds * 1000:.1f} ms")

    def _write(self, line: str) -> None:
        """Write a line to standard error. (The logging module would take a quarter of a request's time for it.)"""
        now = int(time.time())
        if now != self._second:
            self._second, self._stamp = now, time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(now))
        with suppress(OSError):  # nobody reads the log
            sys.stderr.write(f"{self._stamp} {line}\n")
