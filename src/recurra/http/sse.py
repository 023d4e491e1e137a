"""Answers that are computed in many steps: sent as a whole (`respond`), or as server-sent events (`EventStream`).

Each event is one JSON object: {"piece": text} as it is written, at the end {"answer": ...} with what the response would
have been without streaming, or {"error": ...}. The headers are sent with the first pieces, so that an error before them
has its own status.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, TypeVar

import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from recurra.errors import OptionError
from recurra.http.body import wait_for_disconnect
from recurra.http.errors import HTTPError, error_dict, shutting_down, timed_out, unprocessable
from recurra.http.service import Service

Item = TypeVar("Item")
Result = TypeVar("Result")


async def respond(
    service: Service,
    request: Request,
    items: Iterator[Item],
    make_answer: Callable[[list[Item]], dict[str, Any]],
    *,
    long_steps: bool = False,
) -> Response:
    """Return what `make_answer` makes of all `items`, as JSON. long_steps: see `RoundRobin.run`.

    Raises HTTPError 429 for a full server, 422 for input that the model rejects, 504 after the timeout;
    ClientDisconnect where the client has disconnected. After each of these the computation stops.
    """
    collected: list[Item] = []

    async def collect() -> None:
        async for batch in service.scheduler.run(items, long_steps=long_steps):
            collected.extend(batch)

    with service.slot():
        disconnect = asyncio.ensure_future(wait_for_disconnect(request.receive))
        try:
            await _compute(service, collect(), disconnect)
        finally:
            disconnect.cancel()
    return Response(orjson.dumps(make_answer(collected)), media_type="application/json")


class EventStream(Response):
    """The text that `pieces` yields, while it is written. make_answer: as for `respond`.

    A client that reads nothing for `--idle` seconds, or disconnects, ends the computation and frees its slot.
    """

    media_type = "text/event-stream"

    def __init__(
        self, service: Service, pieces: Iterator[str], make_answer: Callable[[list[str]], dict[str, Any]]
    ) -> None:
        super().__init__(headers={"x-accel-buffering": "no"})
        del self.headers["content-length"]
        self._service = service
        self._batches = service.scheduler.run(pieces)
        self._make_answer = make_answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._service.slot():
            disconnect = asyncio.ensure_future(wait_for_disconnect(receive))
            try:
                await self._stream(send, disconnect)
            finally:
                disconnect.cancel()

    async def _stream(self, send: Send, disconnect: asyncio.Future[None]) -> None:
        written: list[str] = []
        started = False

        async def send_events(events: bytes, more: bool = True) -> None:
            nonlocal started
            if not started:
                started = True
                await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            await send({"type": "http.response.body", "body": events, "more_body": more})

        try:
            while (batch := await _compute(self._service, anext(self._batches, None), disconnect)) is not None:
                if self._service.aborting:
                    raise shutting_down()
                written += batch
                if events := b"".join(_event({"piece": piece}) for piece in batch if piece):
                    await _deliver(self._service, send_events(events), disconnect)
        except HTTPError as error:
            if not started:
                raise
            last = error_dict(error)
        else:
            last = {"answer": self._make_answer(written)}
        await _deliver(self._service, send_events(_event(last), more=False), disconnect)


async def _compute(service: Service, work: Awaitable[Result], disconnect: asyncio.Future[None]) -> Result:
    """Return what `work` returns.

    Raises HTTPError 422 for input that the model rejects, 504 after `--timeout` seconds; ClientDisconnect.
    """
    try:
        return await _race(work, disconnect, service.options.timeout)
    except TimeoutError:
        service.metrics.dropped.labels("expired").inc()
        raise timed_out(service.options.timeout) from None
    except OptionError as error:
        raise unprocessable(str(error)) from None
    except ClientDisconnect:
        service.metrics.dropped.labels("abandoned").inc()
        raise


async def _deliver(service: Service, sending: Awaitable[None], disconnect: asyncio.Future[None]) -> None:
    """Wait until the connection accepts what is sent. Raises ClientDisconnect where nobody reads it."""
    try:
        await _race(sending, disconnect, service.options.idle)
    except (TimeoutError, ClientDisconnect):
        service.metrics.dropped.labels("abandoned").inc()
        raise ClientDisconnect from None


async def _race(work: Awaitable[Result], disconnect: asyncio.Future[None], seconds: float) -> Result:
    """Return what `work` returns. Raises ClientDisconnect or TimeoutError where that happens first."""
    task = asyncio.ensure_future(work)
    both: set[asyncio.Future[Any]] = {task, disconnect}
    try:
        await asyncio.wait(both, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        if disconnect.done():
            raise ClientDisconnect
        raise TimeoutError
    finally:
        task.cancel()


def _event(value: dict[str, Any]) -> bytes:
    """Return one event; JSON as orjson writes it has no line breaks."""
    return b"data: " + orjson.dumps(value) + b"\n\n"
