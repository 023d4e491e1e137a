"""`WS /stream`: a text that arrives in pieces, with the running answer after each. One socket is one session.

A message is a JSON object: {"text": piece}, {"finish": true}, {"state": true} to be told the session's state, or
{"restore": state} as the first one to go on from there. Any other text message is itself a piece of the text, and with
`/stream?format=text` every message is.
"""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
from fastapi import APIRouter, WebSocket
from starlette.websockets import WebSocketDisconnect, WebSocketState

from recurra.errors import OptionError
from recurra.http import errors
from recurra.http.access import SUBPROTOCOL
from recurra.http.access_log import described, log
from recurra.http.errors import HTTPError, send_error
from recurra.http.service import Service
from recurra.tasks.classify.model import Model

MESSAGE_BYTES = 1 << 20
"""Most bytes in a message; the server closes with code 1009 for a larger one."""

POLICY, FAILED, RESTARTING = 1008, 1011, 1012
_REASON_BYTES = 120


class _Refused(Exception):
    """A message that the session cannot take."""


def router(service: Service) -> APIRouter:
    """Return the route."""
    routes = APIRouter()

    @routes.websocket("/stream")
    async def stream(socket: WebSocket) -> None:
        try:
            if service.streams >= service.options.max_streams:
                raise errors.overloaded(service.options.idle)
            model = service.served().model
        except HTTPError as error:
            await send_error(socket.scope, socket.receive, socket.send, error)
            return
        service.streams += 1
        service.metrics.streams.inc()
        try:
            await socket.accept(SUBPROTOCOL if SUBPROTOCOL in socket.scope["subprotocols"] else None)
            await _talk(service, socket, model)
        except (OptionError, _Refused) as error:
            await _close(socket, POLICY, "refused", str(error))
        except TimeoutError:
            await _close(socket, POLICY, "idle", f"No message came for {service.options.idle:g} s.")
        except WebSocketDisconnect:
            pass
        except Exception as error:
            log.error("A stream failed: %s", described(error))
            await _close(socket, FAILED, "failed", "The server failed; its log says where.")
        finally:
            service.streams -= 1
            service.metrics.streams.dec()

    return routes


async def _talk(service: Service, socket: WebSocket, model: Model) -> None:
    """Answer each message until the text is finished. Raises OptionError for a model that reads both ways."""
    plain = socket.query_params.get("format") == "text"
    session = await service.in_thread(model.session)
    while True:
        async with asyncio.timeout(service.options.idle):
            message = await socket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", 1005))
        content = message.get("text")
        if content is None:
            raise _Refused("Messages are text, not bytes.")
        wish = {"text": content} if plain else _wish(content)
        name, value = next(iter(wish.items()))
        if name == "text":
            before = session.tokens
            running = await service.in_thread(lambda: session.feed(value))  # noqa: B023
            service.metrics.tokens.inc(session.tokens - before)
            await _send(socket, {**running.to_dict(), "final": False})
        elif name == "state":
            await _send(socket, {"state": session.state()})
        elif name == "restore":
            session = await service.in_thread(lambda: model.session(value))  # noqa: B023
            running = await service.in_thread(session.prediction)
            await _send(socket, {**running.to_dict(), "final": False})
        else:
            running = await service.in_thread(session.finish)
            await _send(socket, {**running.to_dict(), "final": True})
            await socket.close(1000)
            return


def _wish(content: str) -> dict[str, Any]:
    """Return what a message asks for: one field, its value of the right type. Raises _Refused."""
    if not content.lstrip().startswith("{"):
        return {"text": content}
    try:
        value = orjson.loads(content)
    except orjson.JSONDecodeError:
        return {"text": content}
    kinds = {"text": str, "finish": bool, "state": bool, "restore": dict}
    if len(value) != 1 or (name := next(iter(value))) not in kinds or not isinstance(value[name], kinds[name]):
        raise _Refused(
            'A message is {"text": piece}, {"finish": true}, {"state": true} or {"restore": state}, one at a time.'
        )
    return dict(value)


async def _send(socket: WebSocket, value: dict[str, Any]) -> None:
    await socket.send_text(orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY).decode())


async def _close(socket: WebSocket, code: int, word: str, sentence: str) -> None:
    """Say why, and close. A client that has gone needs neither."""
    if socket.application_state is not WebSocketState.CONNECTED:
        return
    try:
        await _send(socket, {"error": {"status": code, "code": word, "message": sentence}})
        reason = sentence.encode()[:_REASON_BYTES].decode("utf-8", "ignore")
        await socket.close(code, reason)
    except (RuntimeError, WebSocketDisconnect):
        pass
