"""`WS /stream`: a text that arrives in pieces, with the running prediction after each. One socket is one session.

A message is a JSON object: {"text": piece}, {"finish": true}, {"state": true} to get the session's state, or
{"restore": state} as the first one to continue from there. Any other text message is itself a piece of the text, but
what begins like a JSON object must be one; with `/stream?format=text` every message is a piece.
"""

from __future__ import annotations

import re
from typing import Any

import orjson
from fastapi import APIRouter, WebSocket

from recurra.http.streams import BadMessage, Streams, received, send
from recurra.http.text_limits import NUL, NUL_REFUSED
from recurra.tasks.classify.http.classifier import ServedClassifier
from recurra.tasks.classify.model import Classifier

SLICE_CHARACTERS = 8192
"""Characters of a message that are read at one time."""

_COMMAND = re.compile(
    r"\s*+(?:\{\s*+[\"'}]|(?:[{\"']++(?:text|finish|state|restore)[\"']?|(?:text|finish|state|restore)[\"'])\s*+:)"
)
"""How a JSON object begins, or a command that was damaged on its way."""
_COMMANDS = 'A message is {"text": piece}, {"finish": true}, {"state": true} or {"restore": state}, one at a time.'


def router(classifier: ServedClassifier) -> APIRouter:
    """Return the route."""
    routes, streams = APIRouter(), Streams(classifier.service)

    @routes.websocket("/stream")
    async def stream(socket: WebSocket) -> None:
        await streams.serve(socket, answer)

    async def answer(socket: WebSocket, model: Classifier) -> None:
        await _run_session(classifier, socket, model)

    return routes


async def _run_session(classifier: ServedClassifier, socket: WebSocket, model: Classifier) -> None:
    """Answer each message until the text is finished. Raises OptionError for a bidirectional model."""
    service = classifier.service
    plain = socket.query_params.get("format") == "text"
    session = await service.run_in_thread(model.session)
    first = True
    while True:
        content = await received(socket, service.options.idle)
        if isinstance(content, bytes):
            raise BadMessage("Messages are text, not bytes.")
        command = {"text": content} if plain else _parse(content)
        name, value = next(iter(command.items()))
        if name == "text":
            if NUL in value:
                raise BadMessage(f"The message contains {NUL_REFUSED}")
            before = session.tokens
            for start in range(0, max(1, len(value)), SLICE_CHARACTERS):  # so that other streams come in between
                part = value[start : start + SLICE_CHARACTERS]
                running = await service.run_in_thread(lambda: session.feed(part))  # noqa: B023
            service.metrics.tokens.inc(session.tokens - before)
            await send(socket, {**running.to_dict(), "final": False})
        elif name == "state":
            await send(socket, {"state": session.state()})
        elif name == "restore":
            if not first:
                raise BadMessage('{"restore": state} is taken as the first message alone: open another stream for it.')
            session = await service.run_in_thread(lambda: model.session(value))  # noqa: B023
            running = await service.run_in_thread(session.prediction)
            await send(socket, {**running.to_dict(), "final": False})
        else:
            running = await service.run_in_thread(session.finish)
            await send(socket, {**running.to_dict(), "final": True})
            await socket.close(1000)
            return
        first = False


def _parse(content: str) -> dict[str, Any]:
    """Return the command in a message: one field, its value of the right type. Raises BadMessage."""
    if not content.lstrip().startswith("{") and not _COMMAND.match(content):
        return {"text": content}
    try:
        value = orjson.loads(content)
    except orjson.JSONDecodeError:
        if _COMMAND.match(content):
            raise BadMessage(
                'The message begins like a command and is not JSON. Send {"text": piece} for a piece of text, or open '
                "/stream?format=text, where every message is one."
            ) from None
        return {"text": content}
    kinds = {"text": str, "finish": bool, "state": bool, "restore": dict}
    if not isinstance(value, dict) or len(value) != 1:
        raise BadMessage(_COMMANDS)
    name = next(iter(value))
    if name not in kinds or not isinstance(value[name], kinds[name]) or value[name] is False:
        raise BadMessage(_COMMANDS)
    return dict(value)
