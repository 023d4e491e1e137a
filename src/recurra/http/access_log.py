"""Around every request: security headers on the way out, figures, and one line in the access log.

The log names the route, not the path or the query, so no text and no key gets into it.
"""

from __future__ import annotations

import logging
import sys
import time
import traceback
from collections.abc import Iterable
from contextlib import suppress

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from recurra.http.errors import internal_error, send_error
from recurra.http.service import Service

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_POLICY_NAME = b"content-security-policy"
_HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
]
_POLICY_HEADER = (_POLICY_NAME, POLICY.encode())
_NO_STORE = (b"cache-control", b"no-store")

UNMATCHED = "(none)"
GONE = 499
"""Status in log and figures of a request whose client did not wait for the answer."""

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

log = logging.getLogger("recurra.serve")


class Recorder:
    """ASGI middleware, the outermost. An answer that breaks off is left unfinished: the server then cuts the
    connection, and the client notices."""

    def __init__(self, app: ASGIApp, service: Service, work: Iterable[str]) -> None:
        """work: the routes that compute, which are named also where a request does not reach them."""
        self._app = app
        self._service = service
        self._work = {path.replace("{name}", service.name): path for path in work}
        self._second = 0
        self._stamp = ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            return
        started = time.perf_counter()
        status = 0

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = message["headers"] = [*message.get("headers", ()), *_HEADERS]
                names = {name for name, _ in headers}
                if _POLICY_NAME not in names:
                    headers.append(_POLICY_HEADER)
                if b"cache-control" not in names:
                    headers.append(_NO_STORE)
                if self._service.draining and b"connection" not in names:
                    headers.append((b"connection", b"close"))
            await send(message)

        self._service.in_flight += 1
        try:
            await self._app(scope, receive, sending)
        except ClientDisconnect:
            status = GONE
        except Exception as error:
            log.error("A request failed: %s", described(error))
            if not status:
                await send_error(scope, receive, sending, internal_error())
        finally:
            self._service.in_flight -= 1
            self._record(scope, status or GONE, time.perf_counter() - started)

    def _record(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", None) or self._work.get(scope["path"], UNMATCHED)
        method = scope["method"] if scope["method"] in METHODS else "other"
        metrics = self._service.metrics
        metrics.requests.labels(route, method, str(status)).inc()
        metrics.seconds.labels(route).observe(seconds)
        if self._service.options.access_log:
            client = scope.get("client")
            self._log(f"{client[0] if client else '-'} {method} {route} {status} {seconds * 1000:.1f} ms")

    def _log(self, line: str) -> None:
        """Write a line to standard error. (The logging module would take a quarter of a request's time for it.)"""
        now = int(time.time())
        if now != self._second:
            self._second, self._stamp = now, time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(now))
        with suppress(OSError):  # nobody reads the log
            sys.stderr.write(f"{self._stamp} {line}\n")


def described(error: BaseException) -> str:
    """Return an unexpected error's type and place. Its message is left out: it may quote a request."""
    places = traceback.extract_tb(error.__traceback__)
    where = "; ".join(f"{place.filename}:{place.lineno}" for place in places[-3:])
    return f"{type(error).__name__} at {where}"
