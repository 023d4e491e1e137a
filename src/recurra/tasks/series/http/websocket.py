"""`WS /stream`: a series that arrives in pieces, with the answer so far after each. One socket is one series.

A message is JSON: {"steps": [[value, ...], ...]}, the next steps as in a request to `/predict`, at least one. It is
answered by {"label", "probabilities"} or {"number"} of all steps so far, with "steps", how many they are, and
"final": false. {"end": true} is answered by the same once more, with "final": true, and the socket is closed.

The answer to a series rests on all of its steps, those at its beginning too, and is computed anew after each message.
That is why a stream may have 2,000 steps at most (`stream_steps` in the answer of `/model`), or --max-steps if fewer.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import orjson
from fastapi import APIRouter, WebSocket

from recurra.errors import DataError
from recurra.http.errors import HTTPError
from recurra.http.options import ServeOptions
from recurra.http.service import Service
from recurra.http.streams import BadMessage, Streams, received, send
from recurra.tasks.series.http.given import Series, matrix
from recurra.tasks.series.http.predict import outputs
from recurra.tasks.series.model import SeriesModel

MOST_STEPS = 2_000
"""Most steps of a stream; a request for them takes no longer than others'."""

_FORM = 'A message is JSON: {"steps": [the next steps]}, or {"end": true}.'


def stream_steps(options: ServeOptions) -> int:
    """Return how many steps a stream may have."""
    return min(MOST_STEPS, options.max_steps)


def router(service: Service) -> APIRouter:
    """Return the route."""
    routes, streams = APIRouter(), Streams(service)

    @routes.websocket("/stream")
    async def stream(socket: WebSocket) -> None:
        await streams.serve(socket, answer)

    async def answer(socket: WebSocket, model: SeriesModel) -> None:
        await _run_session(service, socket, model)

    return routes


async def _run_session(service: Service, socket: WebSocket, model: SeriesModel) -> None:
    """Answer each message until the series has ended. Raises BadMessage for what is no such message."""
    series: Series = np.empty((0, len(model.inputs.channels)))
    said: dict[str, Any] = {}
    while not _ends(message := _parsed(await received(socket, service.options.idle))):
        series = np.concatenate([series, _steps(message, model)])
        if len(series) > (most := stream_steps(service.options)):
            raise BadMessage(f"A stream may have {most:,} steps. Open another one for what follows.")
        said = {**await _answer(service, model, series), "steps": len(series)}
        await send(socket, {**said, "final": False})
    if not said:
        raise BadMessage("The series has ended before its first step.")
    await send(socket, {**said, "final": True})
    await socket.close(1000)


async def _answer(service: Service, model: SeriesModel, series: Series) -> dict[str, Any]:
    """Return the answer to a series, computed in turn with others' work. Raises BadMessage where it has none."""
    found: list[dict[str, Any]] = []
    try:
        async for batch in service.scheduler.run(outputs(model, [series])):
            found += batch
    except DataError as error:
        raise BadMessage(str(error)) from None
    return found[-1]


def _steps(message: dict[str, Any], model: SeriesModel) -> Series:
    """Return the steps [T, C] in a message. Raises BadMessage for anything else."""
    steps = message.get("steps")
    if message.keys() != {"steps"} or not isinstance(steps, list) or not steps:
        raise BadMessage(_FORM)
    try:
        return matrix(steps, len(model.inputs.channels), "steps")
    except HTTPError as error:
        raise BadMessage(error.message) from None


def _ends(message: dict[str, Any]) -> bool:
    return message.keys() == {"end"} and message["end"] is True


def _parsed(content: str | bytes) -> dict[str, Any]:
    """Return the JSON object in a message. Raises BadMessage for anything else."""
    try:
        value = orjson.loads(content) if isinstance(content, str) else None
    except orjson.JSONDecodeError:
        value = None
    if not isinstance(value, dict):
        raise BadMessage(_FORM)
    return value
