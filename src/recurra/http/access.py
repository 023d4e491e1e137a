"""Access control: checked before a request reaches its route, HTTP and WebSocket alike.

* The Host header must name this server where it listens on this machine only: this stops a web page that points its
  own name here (DNS rebinding).
* A request that changes or computes something must not come from another site's page (Origin).
* With API keys, everything but liveness, readiness and the empty page needs one.
* Nothing new is accepted while the server drains, or while it is full.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import re
from collections.abc import Iterable
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from recurra.http import errors
from recurra.http.errors import HTTPError, send_error
from recurra.http.service import Service

LIVE = "/v2/health/live"
READY = "/v2/health/ready"
REPORT = "/report"
SUBPROTOCOL = "recurra"
KEY_SUBPROTOCOL = "recurra.key."
"""A browser cannot send headers with a WebSocket: it offers the subprotocols `recurra` and this with the key after it,
in URL-safe base64 without padding."""

_HOST = re.compile(r"(?:\[([^\[\]]*)\]|([^:\[\]]+))(?::[0-9]*)?")
_LOCAL = ("localhost", "127.0.0.1", "::1")
_SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
_PORTS = {"http": "80", "https": "443", "ws": "80", "wss": "443"}


class AccessMiddleware:
    """ASGI middleware that passes a request on, or answers it with the error.

    hosts: accepted values of the Host header, without port; None accepts every one.
    """

    def __init__(self, app: ASGIApp, service: Service, hosts: Iterable[str] | None) -> None:
        self._app = app
        self._service = service
        self._hosts = None if hosts is None else frozenset(name.lower() for name in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            try:
                self._check(scope, Headers(scope=scope))
            except HTTPError as error:
                await send_error(scope, receive, send, error)
                return
        await self._app(scope, receive, send)

    def _check(self, scope: Scope, headers: Headers) -> None:
        path: str = scope["path"]
        host = headers.getlist("host")
        if self._hosts is not None:
            self._check_host(host)
        origins = headers.getlist("origin")
        if origins and (scope["type"] == "websocket" or scope["method"] not in _SAFE_METHODS):
            self._check_origin(origins, host)
        if self._service.draining and path not in (LIVE, READY):
            raise errors.shutting_down()
        if self._service.keys is not None and not _public(path):
            self._check_key(scope, headers, path)
        if scope["type"] == "http" and scope["method"] == "POST":
            self._service.check_capacity()  # here, where it costs least

    def _check_host(self, host: list[str]) -> None:
        assert self._hosts is not None
        if len(host) != 1:
            raise HTTPError(400, "host", "The request needs one Host header.")
        if host_name(host[0]) not in self._hosts:
            raise HTTPError(
                421,
                "host",
                f"This server does not answer for the host {errors.quoted(host[0])}. "
                "If that is its name, start it with --allow-host.",
            )

    def _check_origin(self, origins: list[str], host: list[str]) -> None:
        for origin in origins:
            if len(host) != 1 or not same_site(origin, host[0]):
                raise HTTPError(403, "origin", "Requests from other sites' pages are not answered.")

    def _check_key(self, scope: Scope, headers: Headers, path: str) -> None:
        keys = self._service.keys
        assert keys is not None
        key = _key_of(scope, headers)
        if path == REPORT and key is None and scope["type"] == "http":
            ticket = parse_qs(scope["query_string"].decode("latin-1")).get("ticket", [""])[0]
            if keys.accept_ticket(path, ticket):
                return
        if key is None or not keys.accept(key):
            raise HTTPError(
                401,
                "key",
                "An API key is needed: send it as `Authorization: Bearer KEY` or `X-API-Key: KEY`.",
                {"WWW-Authenticate": "Bearer"},
            )


def _public(path: str) -> bool:
    return path in (LIVE, READY, "/") or path.startswith("/static/")


def _key_of(scope: Scope, headers: Headers) -> str | None:
    """Return the API key of a request, or None."""
    scheme, _, key = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return key.strip()
    if "x-api-key" in headers:
        return headers["x-api-key"].strip()
    for name in scope.get("subprotocols", ()):
        if name.startswith(KEY_SUBPROTOCOL):
            encoded = name.removeprefix(KEY_SUBPROTOCOL)
            try:
                return base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)).decode("latin-1")
            except binascii.Error:
                return ""
    return None


def host_name(host: str) -> str:
    """Return the name in a Host header, without port and brackets, in lower case; "" for what is no such header.

    Brackets hold an address of version 6 and nothing else (RFC 3986), which is also taken without them.
    """
    match = _HOST.fullmatch(host)
    if match is None:
        return host.lower() if _is_v6(host) else ""
    address, name = match.groups()
    if address is not None:
        return address.lower() if _is_v6(address) else ""
    return str(name).lower()


def _is_v6(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).version == 6
    except ValueError:
        return False


def same_site(origin: str, host: str) -> bool:
    """Return whether an Origin header names the same host and port as a Host header."""
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    if parts.scheme not in _PORTS or parts.path or not parts.netloc:
        return False
    default = ":" + _PORTS[parts.scheme]
    return parts.netloc.lower().removesuffix(default) == host.lower().removesuffix(default)


def local_hosts(more: str | None = None) -> tuple[str, ...]:
    """Return the names of this machine to itself, and those in `more`, separated by commas."""
    return (*_LOCAL, *(name.strip() for name in (more or "").split(",") if name.strip()))
