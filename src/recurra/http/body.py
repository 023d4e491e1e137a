"""Read a request's body within limits of size, time and depth; JSON is parsed strictly."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive

from recurra.http.errors import HTTPError, unprocessable

INLINE_BYTES = 1 << 16
"""Bodies up to this size, less than a millisecond of parsing, are parsed in the event loop; larger ones in a thread."""

_PARSER = ThreadPoolExecutor(1, thread_name_prefix="recurra-json")
"""One thread: it shares the interpreter with the event loop anyway, and several would take more of it."""

JSON_DEPTH = 16
"""Most levels of nested objects and lists in a request."""

BODY_SECONDS = 30.0
"""Time limit for a body, or for the next chunk of an upload."""

MESSAGE_BYTES = 1 << 20
"""Most bytes in a message of a WebSocket; the server closes with code 1009 for a larger one."""


async def read_json(request: Request, limit: int) -> Any:
    """Return the JSON value in a body of at most `limit` bytes.

    Raises HTTPError: 415 for another content type, 413, 408, 400 for what is not JSON (NaN, invalid UTF-8 and lone
    surrogates are not), 422 for more than JSON_DEPTH levels; ClientDisconnect where the client has disconnected.
    """
    kind = request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if kind != "application/json" and not kind.endswith("+json"):
        raise HTTPError(415, "not_json", "Send JSON with the header `Content-Type: application/json`.")
    content = b"".join([chunk async for chunk in read_chunks(request, limit, BODY_SECONDS)])
    if len(content) <= INLINE_BYTES:
        return _parse(content)
    return await asyncio.get_running_loop().run_in_executor(_PARSER, _parse, content)


def _parse(content: bytes) -> Any:
    try:
        value = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        if "limit" in error.msg:
            raise _too_deep() from None
        what = error.msg.partition(": line")[0] if content else "the body is empty"
        raise HTTPError(400, "not_json", f"The body is not JSON: {what}, at character {error.pos:,}.") from None
    _check_depth(value)
    return value


async def read_chunks(request: Request, limit: int, seconds: float, per_chunk: bool = False) -> AsyncIterator[bytes]:
    """Yield a body as it arrives, at most `limit` bytes of it.

    seconds: for the whole body, or with `per_chunk` for every next chunk. A stated length that is too large fails
    before anything is read, an unstated one while it is read. Raises HTTPError 413 or 408, or ClientDisconnect.
    """
    stated = request.headers.get("content-length", "")
    if stated.isdecimal() and int(stated) > limit:
        raise _too_large(limit)
    received, deadline = 0, time.monotonic() + seconds
    while True:
        try:
            async with asyncio.timeout(deadline - time.monotonic()):
                message = await request.receive()
        except TimeoutError:
            reason = f"The body did not arrive within {seconds:.0f} s."
            raise HTTPError(408, "slow_body", reason, {"Connection": "close"}) from None
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        chunk: bytes = message.get("body", b"")
        more: bool = message.get("more_body", False)
        received += len(chunk)
        if received > limit:
            raise _too_large(limit)
        if chunk:
            yield chunk
        if not more:
            return
        if per_chunk:
            deadline = time.monotonic() + seconds


def _too_large(limit: int) -> HTTPError:
    reason = f"The body is larger than {limit:,} bytes, the most that is accepted here. Send it in several requests."
    return HTTPError(413, "body_too_large", reason, {"Connection": "close"})


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


async def wait_for_disconnect(receive: Receive) -> None:
    """Return when the client has disconnected. receive: the request's, after its body was read."""
    while (await receive())["type"] != "http.disconnect":
        pass
