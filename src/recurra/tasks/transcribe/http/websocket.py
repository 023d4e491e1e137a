"""`WS /transcribe/stream`: sound that arrives in pieces, with the text so far after each. One socket is one stream.

The first message is JSON, {"rate": samples a second}. Each binary message after it is sound: 16-bit integers, little
end first, one channel; it is answered by {"stable", "changing", "seconds", "final": false}. {"end": true} is answered
by the transcript of the whole, as of `POST /transcribe`, with "final": true, and the socket is closed.

A model that reads forward hears each piece once. For one that reads both ways, what was heard of the last half minute
at most is heard again each time it has grown by an eighth of itself.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from typing import Any, TypeVar

import numpy as np
import orjson
from fastapi import APIRouter, WebSocket

from recurra.http.service import Service
from recurra.http.streams import BadMessage, Streams, received, send
from recurra.tasks.transcribe.model import Transcriber
from recurra.tasks.transcribe.predict import plain
from recurra.tasks.transcribe.stream import Heard, TranscriptStream
from recurra.tasks.transcribe.transcript import Transcript

Item = TypeVar("Item")

SLICE_SECONDS = 1
"""Seconds of a message that are heard at one time, so that other computations come in between."""
AS_LONG = 4
"""A stream may be open for so many times the seconds of sound that it may have: a microphone is not always on."""

_FIRST = 'The first message is JSON: {"rate": samples a second}.'
_NEXT = 'After the rate, a message is sound, as bytes, or {"end": true}.'


def router(service: Service) -> APIRouter:
    """Return the route."""
    routes, streams = APIRouter(), Streams(service)

    @routes.websocket("/transcribe/stream")
    async def stream(socket: WebSocket) -> None:
        await streams.serve(socket, answer)

    async def answer(socket: WebSocket, model: Transcriber) -> None:
        await _run_session(service, socket, model)

    return routes


async def _run_session(service: Service, socket: WebSocket, model: Transcriber) -> None:
    """Answer each message until the sound has ended. Raises OptionError for a rate that cannot be taken."""
    session = model.session() if model.shape.direction == "forward" else model.repeated_session()
    content = await received(socket, service.options.idle)
    command = _parsed(content) if isinstance(content, str) else {}
    rate = command.get("rate")
    if command.keys() != {"rate"} or type(rate) is not int:
        raise BadMessage(_FIRST)
    session.feed(np.empty(0, dtype=np.int16), rate)
    begun, slow = time.monotonic(), model.shape.direction != "forward"  # such a model hears what it has heard again
    while isinstance(content := await received(socket, service.options.idle), bytes):
        if len(content) % 2:
            raise BadMessage("Sound is of 16-bit integers: a message of it has an even number of bytes.")
        if time.monotonic() - begun > AS_LONG * service.options.max_seconds:
            open_for = AS_LONG * service.options.max_seconds
            raise BadMessage(f"A stream may be open for {open_for:g} s. Open another one for what follows.")
        samples = np.frombuffer(content, dtype="<i2").astype(np.int16)
        if session.seconds + len(samples) / rate > service.options.max_seconds:
            raise BadMessage(f"A stream may last {service.options.max_seconds:g} s. Open another one for what follows.")
        heard = await _last(service, _hear(session, samples, rate), slow)
        async with asyncio.timeout(service.options.idle):
            await send(
                socket, {"stable": heard.stable, "changing": heard.changing, "seconds": heard.seconds, "final": False}
            )
    said = _parsed(content)
    if said.keys() != {"end"} or said["end"] is not True:
        raise BadMessage(_NEXT)
    transcript = await _last(service, _ended(session), slow)
    await send(socket, {**plain(transcript), "final": True})
    await socket.close(1000)


async def _last(service: Service, items: Iterator[Item], long_steps: bool) -> Item:
    """Return the last of the items, of which there is at least one; they are computed in turn with others' work.

    long_steps: whether one takes long enough to hold up others.
    """
    found: list[Item] = []
    async for batch in service.scheduler.run(items, long_steps=long_steps):
        found = batch or found
    return found[-1]


def _hear(session: TranscriptStream, samples: np.ndarray[Any, np.dtype[np.int16]], rate: int) -> Iterator[Heard]:
    """Yield the text so far after each second of `samples`, and at their end."""
    size = SLICE_SECONDS * rate
    for start in range(0, max(1, len(samples)), size):
        yield session.feed(samples[start : start + size], rate)


def _ended(session: TranscriptStream) -> Iterator[Transcript]:
    yield session.finish()


def _parsed(content: str) -> dict[str, Any]:
    """Return the JSON object in a message; an empty one for anything else."""
    try:
        value = orjson.loads(content)
    except orjson.JSONDecodeError:
        return {}
    return value if isinstance(value, dict) else {}
