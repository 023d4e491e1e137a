"""What a request is refused with: a status, a word for programs and a sentence for people, as JSON.

No sentence repeats more of a request than a name of 40 characters.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from starlette.responses import Response

PROTOCOL_PREFIX = "/v2"
"""Below this path errors have the form of the Open Inference Protocol: {"error": sentence}."""

_SHOWN = 40


class Problem(Exception):
    """A request that gets no answer. status: of HTTP; code: a fixed word; message: one or two sentences."""

    def __init__(self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = dict(headers or {})


def unfit(message: str, code: str = "unfit") -> Problem:
    """Return the problem of a request that can be read and not be answered."""
    return Problem(422, code, message)


def overloaded(seconds: float) -> Problem:
    """Return the problem of a full queue. seconds: until there is likely room."""
    wait = max(1, min(60, round(seconds)))
    message = f"Too many requests are waiting. Try again in {wait} s."
    return Problem(429, "overloaded", message, {"Retry-After": str(wait)})


def draining() -> Problem:
    """Return the problem of a server that is about to end."""
    message = "The server is stopping and takes no new requests. Ask again: another one may answer."
    return Problem(503, "draining", message, {"Connection": "close", "Retry-After": "1"})


def no_model() -> Problem:
    """Return the problem of a server that is still loading."""
    message = "The model is being loaded. Ask again in a moment; /v2/health/ready says when."
    return Problem(503, "loading", message, {"Retry-After": "1"})


def failed() -> Problem:
    """Return the problem of a server with a fault."""
    return Problem(500, "failed", "The server failed; its log says where.")


def shown(name: object) -> str:
    """Return a name out of a request as it may stand in a sentence: quoted, escaped, 40 characters at most."""
    text = str(name)
    return ascii(text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "...")


def body_of(problem: Problem, path: str) -> bytes:
    """Return the JSON that tells `problem` to who asked for `path`."""
    if path == PROTOCOL_PREFIX or path.startswith(PROTOCOL_PREFIX + "/"):
        return orjson.dumps({"error": problem.message})
    return orjson.dumps(plain(problem))


def plain(problem: Problem) -> dict[str, Any]:
    """Return what is told of `problem` as the values of a JSON object."""
    return {"error": {"status": problem.status, "code": problem.code, "message": problem.message}}


def response_of(problem: Problem, path: str) -> Response:
    """Return the response that tells `problem` to who asked for `path`."""
    return Response(body_of(problem, path), problem.status, problem.headers, "application/json")
