"""WebSockets that are one stream each: how many may be open, what ends them, and how errors are told.

A task says what to do with the messages of a socket; a refusal, a long silence and a failure are the same for all. An
error is sent as {"error": {"status", "code", "message"}} before the socket is closed with that status.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from fastapi import WebSocket
from starlette.websockets import WebSocketDisconnect, WebSocketState

from recurra.errors import OptionError
from recurra.http import errors
from recurra.http.access import SUBPROTOCOL
from recurra.http.access_log import log
from recurra.http.errors import HTTPError, location_of, send_error
from recurra.http.service import Service

POLICY, FAILED = 1008, 1011
_REASON_BYTES = 120


class BadMessage(Exception):
    """A message that is not one of the protocol's; its text tells the peer why."""


class Streams:
    """The streams of one route that are open."""

    def __init__(self, service: Service) -> None:
        self._service, self._open = service, 0

    async def serve(self, socket: WebSocket, answer: Callable[[WebSocket, Any], Awaitable[None]]) -> None:
        """Accept a socket, if another stream may be open, and let `answer` take its messages.

        answer: takes the socket and the model that is loaded; it may raise OptionError and BadMessage for what is
        refused, TimeoutError where no message came for `--idle` seconds, and WebSocketDisconnect.
        """
        service = self._service
        try:
            if self._open >= service.options.max_streams:
                raise errors.overloaded(service.options.idle)
            model = service.current_model().model
        except HTTPError as error:
            await send_error(socket.scope, socket.receive, socket.send, error)
            return
        self._open += 1
        service.metrics.streams.inc()
        try:
            await socket.accept(SUBPROTOCOL if SUBPROTOCOL in socket.scope["subprotocols"] else None)
            await answer(socket, model)
        except (OptionError, BadMessage) as error:
            await _close(socket, POLICY, "refused", str(error))
        except TimeoutError:
            await _close(socket, POLICY, "idle", f"No message came for {service.options.idle:g} s.")
        except WebSocketDisconnect:
            pass
        except Exception as error:
            log.error("A stream failed: %s", location_of(error))
            await _close(socket, FAILED, "failed", "The server failed; see its log.")
        finally:
            self._open -= 1
            service.metrics.streams.dec()


async def received(socket: WebSocket, seconds: float) -> str | bytes:
    """Return the next message. Raises TimeoutError after so many seconds, WebSocketDisconnect where the peer left."""
    async with asyncio.timeout(seconds):
        message = await socket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code", 1005))
    content: str | bytes | None = message.get("bytes")
    return str(message.get("text", "")) if content is None else content


async def send(socket: WebSocket, value: dict[str, Any]) -> None:
    """Send a JSON object as text."""
    await socket.send_text(orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY).decode())


async def _close(socket: WebSocket, status: int, code: str, message: str) -> None:
    """Send the error, and close, unless the peer has disconnected."""
    if socket.application_state is not WebSocketState.CONNECTED:
        return
    try:
        await send(socket, {"error": {"status": status, "code": code, "message": message}})
        reason = message.encode()[:_REASON_BYTES].decode("utf-8", "ignore")
        await socket.close(status, reason)
    except (RuntimeError, WebSocketDisconnect):
        pass
