"""`WS /stream`: a text that arrives in pieces, with the running prediction after each. One socket is one session.

A message is a JSON object: {"text": piece}, {"finish": true}, {"state": true} to get the session's state, or
{"restore": state} as the first one to continue from there. Any other text message is itself a piece of the text, but
what begins like a JSON object must be one; with `/stream?format=text` every message is a piece.
"""

from __future__ import annotations

import asyncio
import re
from typing import Any

import orjson
from fastapi import APIRouter, WebSocket
from starlette.websockets import WebSocketDisconnect, WebSocketState

from recurra.errors import OptionError
from recurra.http import errors
from recurra.http.access import SUBPROTOCOL
from recurra.http.access_log import log
from recurra.http.errors import HTTPError, location_of, send_error
from recurra.http.text_limits import NUL, NUL_REFUSED
from recurra.tasks.classify.http.classifier import ServedClassifier
from recurra.tasks.classify.model import Classifier

POLICY, FAILED, RESTARTING = 1008, 1011, 1012
SLICE_CHARACTERS = 8192
"""Characters of a message that are read at one time."""

_REASON_BYTES = 120

_COMMAND = re.compile(
    r"\s*+(?:\{\s*+[\"'}]|(?:[{\"']++(?:text|finish|state|restore)[\"']?|(?:text|finish|state|restore)[\"'])\s*+:)"
)
"""How a JSON object begins, or a command that was damaged on its way."""
_COMMANDS = 'A message is {"text": piece}, {"finish": true}, {"state": true} or {"restore": state}, one at a time.'


class _BadMessage(Exception):
    """A message that is not one of the protocol's."""


def router(classifier: ServedClassifier) -> APIRouter:
    """Return the route."""
    routes = APIRouter()
    service = classifier.service

    @routes.websocket("/stream")
    async def stream(socket: WebSocket) -> None:
        try:
            if classifier.streams >= service.options.max_streams:
                raise errors.overloaded(service.options.idle)
            model = service.current_model().model
        except HTTPError as error:
            await send_error(socket.scope, socket.receive, socket.send, error)
            return
        classifier.streams += 1
        service.metrics.streams.inc()
        try:
            await socket.accept(SUBPROTOCOL if SUBPROTOCOL in socket.scope["subprotocols"] else None)
            await _run_session(classifier, socket, model)
        except (OptionError, _BadMessage) as error:
            await _close(socket, POLICY, "refused", str(error))
        except TimeoutError:
            await _close(socket, POLICY, "idle", f"No message came for {service.options.idle:g} s.")
        except WebSocketDisconnect:
            pass
        except Exception as error:
            log.error("A stream failed: %s", location_of(error))
            await _close(socket, FAILED, "failed", "The server failed; see its log.")
        finally:
            classifier.streams -= 1
            service.metrics.streams.dec()

    return routes


async def _run_session(classifier: ServedClassifier, socket: WebSocket, model: Classifier) -> None:
    """Answer each message until the text is finished. Raises OptionError for a bidirectional model."""
    service = classifier.service
    plain = socket.query_params.get("format") == "text"
    session = await service.run_in_thread(model.session)
    first = True
    while True:
        async with asyncio.timeout(service.options.idle):
            message = await socket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", 1005))
        content = message.get("text")
        if content is None:
            raise _BadMessage("Messages are text, not bytes.")
        command = {"text": content} if plain else _parse(content)
        name, value = next(iter(command.items()))
        if name == "text":
            if NUL in value:
                raise _BadMessage(f"The message contains {NUL_REFUSED}")
            before = session.tokens
            for start in range(0, max(1, len(value)), SLICE_CHARACTERS):  # so that other streams come in between
                part = value[start : start + SLICE_CHARACTERS]
                running = await service.run_in_thread(lambda: session.feed(part))  # noqa: B023
            service.metrics.tokens.inc(session.tokens - before)
            await _send(socket, {**running.to_dict(), "final": False})
        elif name == "state":
            await _send(socket, {"state": session.state()})
        elif name == "restore":
            if not first:
                raise _BadMessage('{"restore": state} is taken as the first message alone: open another stream for it.')
            session = await service.run_in_thread(lambda: model.session(value))  # noqa: B023
            running = await service.run_in_thread(session.prediction)
            await _send(socket, {**running.to_dict(), "final": False})
        else:
            running = await service.run_in_thread(session.finish)
            await _send(socket, {**running.to_dict(), "final": True})
            await socket.close(1000)
            return
        first = False


def _parse(content: str) -> dict[str, Any]:
    """Return the command in a message: one field, its value of the right type. Raises _BadMessage."""
    if not content.lstrip().startswith("{") and not _COMMAND.match(content):
        return {"text": content}
    try:
        value = orjson.loads(content)
    except orjson.JSONDecodeError:
        if _COMMAND.match(content):
            raise _BadMessage(
                'The message begins like a command and is not JSON. Send {"text": piece} for a piece of text, or open '
                "/stream?format=text, where every message is one."
            ) from None
        return {"text": content}
    kinds = {"text": str, "finish": bool, "state": bool, "restore": dict}
    if not isinstance(value, dict) or len(value) != 1:
        raise _BadMessage(_COMMANDS)
    name = next(iter(value))
    if name not in kinds or not isinstance(value[name], kinds[name]) or value[name] is False:
        raise _BadMessage(_COMMANDS)
    return dict(value)


async def _send(socket: WebSocket, value: dict[str, Any]) -> None:
    await socket.send_text(orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY).decode())


async def _close(socket: WebSocket, status: int, code: str, message: str) -> None:
    """Send the error, and close, unless the client has disconnected."""
    if socket.application_state is not WebSocketState.CONNECTED:
        return
    try:
        await _send(socket, {"error": {"status": status, "code": code, "message": message}})
        reason = message.encode()[:_REASON_BYTES].decode("utf-8", "ignore")
        await socket.close(status, reason)
    except (RuntimeError, WebSocketDisconnect):
        pass
