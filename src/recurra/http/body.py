"""Read a request's body within bounds of size, time and depth; JSON is read strictly."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import orjson
from starlette.requests import ClientDisconnect, Request

from recurra.http.errors import HTTPError, unprocessable

JSON_DEPTH = 16
"""Objects and lists within each other that a request may have."""

PATIENCE_SECONDS = 30.0
"""For a body, or for the next piece of an upload."""

_OVERRUN_FACTOR = 4
_OVERRUN_SECONDS = 2.0


async def read_json(request: Request, limit: int) -> Any:
    """Return the JSON value in a body of at most `limit` bytes.

    Raises HTTPError: 415 for another content type, 413, 408, 400 for what is not JSON (NaN, invalid UTF-8 and lone
    surrogates are not), 422 for more than JSON_DEPTH levels; ClientDisconnect where the client has gone.
    """
    kind = request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if kind != "application/json" and not kind.endswith("+json"):
        raise HTTPError(415, "not_json", "Send JSON with the header `Content-Type: application/json`.")
    content = b"".join([piece async for piece in read_pieces(request, limit, PATIENCE_SECONDS)])
    try:
        value = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        if "limit" in error.msg:
            raise _too_deep() from None
        what = error.msg.partition(": line")[0] if content else "the body is empty"
        raise HTTPError(400, "not_json", f"The body is not JSON: {what}, at character {error.pos:,}.") from None
    _check_depth(value)
    return value


async def read_pieces(request: Request, limit: int, patience: float, each: bool = False) -> AsyncIterator[bytes]:
    """Yield a body as it comes in, at most `limit` bytes of it.

    patience: seconds for the whole body, or with `each` for every next piece. A stated length that is too large is
    refused before anything is read, an unstated one while it is read. Raises HTTPError 413 or 408, or ClientDisconnect.
    """
    stated = request.headers.get("content-length", "")
    if stated.isdecimal() and int(stated) > limit:
        raise await _too_large(request, limit)
    received, until = 0, time.monotonic() + patience
    while True:
        try:
            async with asyncio.timeout(until - time.monotonic()):
                message = await request.receive()
        except TimeoutError:
            reason = f"The body did not arrive within {patience:.0f} s."
            raise HTTPError(408, "slow_body", reason, {"Connection": "close"}) from None
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        piece: bytes = message.get("body", b"")
        more: bool = message.get("more_body", False)
        received += len(piece)
        if received > limit:
            raise await _too_large(request, limit, more)
        if piece:
            yield piece
        if not more:
            return
        if each:
            until = time.monotonic() + patience


async def _too_large(request: Request, limit: int, more: bool = True) -> HTTPError:
    """Read on a little without keeping it, since a client that is still sending does not listen; then refuse."""
    received = 0
    try:
        async with asyncio.timeout(_OVERRUN_SECONDS):
            while more and received < _OVERRUN_FACTOR * limit:
                message = await request.receive()
                received += len(message.get("body", b""))
                more = message.get("more_body", False)
    except TimeoutError:
        pass
    message_ = f"The body is larger than {limit:,} bytes, the most that is accepted here. Send it in several requests."
    return HTTPError(413, "body_too_large", message_, {"Connection": "close"})


def _check_depth(value: Any) -> None:
    level = [value]
    for _ in range(JSON_DEPTH):
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return
    raise _too_deep()


def _too_deep() -> HTTPError:
    return unprocessable(
        f"The JSON has more than {JSON_DEPTH} levels of objects and lists within each other.", "too_deep"
    )
