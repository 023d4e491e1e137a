"""Limits on the head of an HTTP request (request line and headers), which uvicorn does not set, and polite refusals.

Without them a client could send endless headers into memory, or keep a connection open by never ending them. A client
that still sends a body does not see an answer if the connection is closed at once: the system then resets it. So the
answer ends the server's half alone, and what still arrives is discarded for a while.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, NoReturn

import orjson
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

HEAD_BYTES = 32 * 1024
"""Most bytes of request line and headers."""

HEAD_SECONDS = 10.0
"""Time limit for a request's head, from its first byte or the start of the connection."""

LINGER_SECONDS = 30.0
"""How long what a client still sends is discarded, after an answer that it may not have read yet."""

LINGER_PAUSE_SECONDS = 5.0
"""How long to wait for more of it."""

_TOO_LARGE = (431, "head_too_large", f"The headers are larger than {HEAD_BYTES:,} bytes.")


class LimitedHttpProtocol(HttpToolsProtocol):
    """uvicorn's protocol for one connection, with limits on a request's head, and errors as JSON."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._in_head = True
        self._upgraded = False
        self._head_bytes = 0
        self._head_timer: asyncio.TimerHandle | None = None
        self._error: tuple[int, str, str] | None = None
        self._ended = False
        self._linger_until = 0.0
        self._linger_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(_Lingering(transport, self._end_half))  # type: ignore[arg-type]
        self._start_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timer()
        self._stop_lingering()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._ended:
            self._linger()
            return
        if self._in_head:
            self._head_bytes += len(data)
        super().data_received(data)
        if self._in_head and not self._upgraded and not self.transport.is_closing():
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
            self._fail(_TOO_LARGE)
        codings = [value.strip().lower() for name, value in self.headers if name == b"transfer-encoding"]
        if codings not in ([], [b"chunked"]):
            self._fail((400, "transfer_encoding", "The only Transfer-Encoding that is read is chunked."))
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._in_head = True  # of the next request
        self._head_bytes = 0

    def handle_websocket_upgrade(self) -> None:
        self._stop_timer()
        self._upgraded = True  # what follows is no head of a request, and no time limit for one may end it
        super().handle_websocket_upgrade()

    def send_400_response(self, msg: str) -> None:
        """Answer what is not HTTP."""
        self._reject(*(self._error or (400, "not_http", msg)))

    def _answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _fail(self, error: tuple[int, str, str]) -> NoReturn:
        """End the parsing; send_400_response is called."""
        self._error = error
        raise ValueError(error[1])

    def _reject(self, status: int, code: str, message: str) -> None:
        body = orjson.dumps({"error": {"status": status, "code": code, "message": message}})
        if self._answering() and not (self.cycle.response_started or self.pipeline):
            self.cycle.disconnected = True  # its body cannot be read to its end: nobody waits for its answer
            self.cycle.response_complete = True
            self.cycle.message_event.set()
        if not self._answering():  # else the two responses would be mixed
            head = b"content-type: application/json\r\nconnection: close\r\ncontent-length: %d\r\n\r\n" % len(body)
            self.transport.write(STATUS_LINE[status] + head + body)
        self._stop_timer()
        self.transport.close()

    def _end_half(self, transport: asyncio.Transport) -> None:
        """End the server's half of the connection, and discard what the client still sends. A second time: close it."""
        unread = not self._in_head or self._error is not None or self._head_bytes > 0
        if self._ended or not unread or not transport.can_write_eof():
            transport.close()
            return
        self._ended = True
        self._linger_until = self.loop.time() + LINGER_SECONDS
        try:
            transport.write_eof()
        except OSError:  # the client is gone
            transport.close()
            return
        self.flow.resume_reading()
        self._linger()

    def _linger(self) -> None:
        self._stop_lingering()
        pause = min(LINGER_PAUSE_SECONDS, self._linger_until - self.loop.time())
        self._linger_timer = self.loop.call_later(max(0.0, pause), self.transport.close)

    def _stop_lingering(self) -> None:
        if self._linger_timer is not None:
            self._linger_timer.cancel()
            self._linger_timer = None

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


class _Lingering:
    """A transport whose `close` is what the protocol makes of it. end: takes the transport itself."""

    def __init__(self, transport: asyncio.Transport, end: Callable[[asyncio.Transport], None]) -> None:
        self._transport = transport
        self._end = end
        self._closing = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def is_closing(self) -> bool:
        return self._closing or self._transport.is_closing()

    def close(self) -> None:
        self._closing = True
        self._end(self._transport)
