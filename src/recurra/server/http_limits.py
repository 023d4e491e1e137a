"""Limits on the head of an HTTP request (request line and headers), which uvicorn does not set.

Without them a client could send endless headers into memory, or keep a connection open by never ending them.
"""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

HEAD_BYTES = 32 * 1024
"""Most bytes of request line and headers."""

HEAD_SECONDS = 10.0
"""Time limit for a request's head, from its first byte or the start of the connection."""

_TOO_LARGE = (431, "head_too_large", f"The headers are larger than {HEAD_BYTES:,} bytes.")


class LimitedHttpProtocol(HttpToolsProtocol):
    """uvicorn's protocol for one connection, with limits on a request's head, and errors as JSON."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._in_head = True
        self._head_bytes = 0
        self._head_timer: asyncio.TimerHandle | None = None
        self._error: tuple[int, str, str] | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._start_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._in_head:
            self._head_bytes += len(data)
        super().data_received(data)
        if self._in_head and not self.transport.is_closing():
            if self._head_bytes > HEAD_BYTES:
                self._reject(*_TOO_LARGE)
            elif not self._answering():
                self._start_timer()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head = True
        self._head_bytes = 0

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._stop_timer()
        size = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
        if size > HEAD_BYTES:
            self._error = _TOO_LARGE
            raise ValueError(_TOO_LARGE[1])  # ends the parsing; send_400_response is called
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._in_head = True  # of the next request
        self._head_bytes = 0

    def handle_websocket_upgrade(self) -> None:
        self._stop_timer()
        super().handle_websocket_upgrade()

    def send_400_response(self, msg: str) -> None:
        """Answer what is not HTTP."""
        self._reject(*(self._error or (400, "not_http", msg)))

    def _answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _reject(self, status: int, code: str, message: str) -> None:
        body = orjson.dumps({"error": {"status": status, "code": code, "message": message}})
        if not self._answering():  # else the two responses would be mixed
            head = b"content-type: application/json\r\nconnection: close\r\ncontent-length: %d\r\n\r\n" % len(body)
            self.transport.write(STATUS_LINE[status] + head + body)
        self._stop_timer()
        self.transport.close()

    def _start_timer(self) -> None:
        if self._head_timer is None:
            self._head_timer = self.loop.call_later(HEAD_SECONDS, self._on_timeout)

    def _stop_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _on_timeout(self) -> None:
        self._head_timer = None
        if not self.transport.is_closing() and not self._answering():
            self._reject(408, "slow_head", f"The request's headers did not arrive within {HEAD_SECONDS:.0f} s.")
