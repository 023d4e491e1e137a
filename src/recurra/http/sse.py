"""Answers that take many steps: given whole, or streamed while they are made.

A stream is a response of the type `text/event-stream`. Each event is one JSON object: {"piece": text} as it is written,
at the end {"answer": ...} with what the request would have got without streaming, or {"error": ...}. Its head is sent
with the first pieces, so that what fails before has a status of its own.
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
from recurra.http.errors import HTTPError, error_dict, shutting_down, timed_out, unprocessable
from recurra.http.service import Service, departure

Item = TypeVar("Item")
Result = TypeVar("Result")

EVENTS = "text/event-stream"


async def answered(
    service: Service,
    request: Request,
    work: Iterator[Item],
    answer: Callable[[list[Item]], dict[str, Any]],
) -> Response:
    """Return what `answer` makes of all items of `work`, as JSON.

    Raises HTTPError 429 for a full server, 422 for input that the model rejects, 504 after the timeout;
    ClientDisconnect where the client has gone. After each of these the work stops.
    """
    items: list[Item] = []

    async def collected() -> None:
        async for some in service.steps.of(work):
            items.extend(some)

    with service.place():
        gone = asyncio.ensure_future(departure(request.receive))
        try:
            await _raced(service, collected(), gone)
        finally:
            gone.cancel()
    return Response(orjson.dumps(answer(items)), media_type="application/json")


class Written(Response):
    """The answer of `work` while it is made. answer: as for `answered`, of texts.

    A client that reads nothing for `--idle` seconds, or that goes, ends the work and frees its place.
    """

    media_type = EVENTS

    def __init__(self, service: Service, work: Iterator[str], answer: Callable[[list[str]], dict[str, Any]]) -> None:
        super().__init__(headers={"x-accel-buffering": "no"})
        del self.headers["content-length"]
        self._service = service
        self._steps = service.steps.of(work)
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._service.place():
            gone = asyncio.ensure_future(departure(receive))
            try:
                await self._write(send, gone)
            finally:
                gone.cancel()

    async def _write(self, send: Send, gone: asyncio.Future[None]) -> None:
        whole: list[str] = []
        begun = False

        async def sent(events: bytes, more: bool = True) -> None:
            nonlocal begun
            if not begun:
                begun = True
                await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            await send({"type": "http.response.body", "body": events, "more_body": more})

        try:
            while (pieces := await _raced(self._service, anext(self._steps, None), gone)) is not None:
                if self._service.over:  # the time to end what was begun is over
                    raise shutting_down()
                whole += pieces
                if events := b"".join(_event({"piece": piece}) for piece in pieces if piece):
                    await _taken(self._service, sent(events), gone)
        except HTTPError as error:
            if not begun:
                raise
            last = error_dict(error)
        else:
            last = {"answer": self._answer(whole)}
        await _taken(self._service, sent(_event(last), more=False), gone)


async def _raced(service: Service, work: Awaitable[Result], gone: asyncio.Future[None]) -> Result:
    """Return what `work` returns.

    Raises HTTPError 422 for what the model does not take, 504 after `--timeout` seconds; ClientDisconnect.
    """
    try:
        return await _first(work, gone, service.options.timeout)
    except TimeoutError:
        service.metrics.dropped.labels("expired").inc()
        raise timed_out(service.options.timeout) from None
    except OptionError as error:
        raise unprocessable(str(error)) from None
    except ClientDisconnect:
        service.metrics.dropped.labels("abandoned").inc()
        raise


async def _taken(service: Service, sending: Awaitable[None], gone: asyncio.Future[None]) -> None:
    """Wait until the connection has taken what is sent. Raises ClientDisconnect where nobody reads it."""
    try:
        await _first(sending, gone, service.options.idle)
    except (TimeoutError, ClientDisconnect):
        service.metrics.dropped.labels("abandoned").inc()
        raise ClientDisconnect from None


async def _first(work: Awaitable[Result], gone: asyncio.Future[None], seconds: float) -> Result:
    """Return what `work` returns, unless the client is gone or the time is over before."""
    task = asyncio.ensure_future(work)
    both: set[asyncio.Future[Any]] = {task, gone}
    try:
        await asyncio.wait(both, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        if gone.done():
            raise ClientDisconnect
        raise TimeoutError
    finally:
        task.cancel()


def _event(value: dict[str, Any]) -> bytes:
    """Return one event; JSON as orjson writes it has no line ends."""
    return b"data: " + orjson.dumps(value) + b"\n\n"
