"""HTTP errors: a status, a code for programs and a sentence for people, sent as JSON (cf. RFC 9457).

No message repeats more of a request than a name of 40 characters.
"""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from typing import Any

import orjson
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

PROTOCOL_PREFIX = "/v2"
"""Below this path errors have the form of the Open Inference Protocol: {"error": message}."""

_QUOTED_CHARACTERS = 40


class HTTPError(Exception):
    """A request that fails. status: of HTTP; code: a fixed word; message: one or two sentences."""

    def __init__(self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = dict(headers or {})


def unprocessable(message: str, code: str = "unfit") -> HTTPError:
    """Return the error 422 of a request that can be parsed but not answered."""
    return HTTPError(422, code, message)


def overloaded(seconds: float) -> HTTPError:
    """Return the error 429 of a full queue. seconds: until there is likely room."""
    wait = max(1, min(60, round(seconds)))
    message = f"Too many requests are waiting. Try again in {wait} s."
    return HTTPError(429, "overloaded", message, {"Retry-After": str(wait)})


def shutting_down() -> HTTPError:
    """Return the error 503 of a server that is about to end."""
    message = "The server is shutting down and accepts no new requests. Try again: another one may answer."
    return HTTPError(503, "draining", message, {"Connection": "close", "Retry-After": "1"})


def model_loading() -> HTTPError:
    """Return the error 503 of a server that is still loading its model."""
    message = "The model is being loaded. Try again in a moment; /v2/health/ready reports when it is ready."
    return HTTPError(503, "loading", message, {"Retry-After": "1"})


def internal_error() -> HTTPError:
    """Return the error 500 of a server with a fault."""
    return HTTPError(500, "failed", "The server failed; see its log.")


def timed_out(seconds: float) -> HTTPError:
    """Return the error 504 of a request that was not computed in time."""
    return HTTPError(504, "expired", f"The request was not computed within {seconds:g} s and was cancelled.")


def quoted(name: object) -> str:
    """Return a name out of a request as it may appear in a message: quoted, escaped, 40 characters at most."""
    text = str(name)
    return ascii(text if len(text) <= _QUOTED_CHARACTERS else text[: _QUOTED_CHARACTERS - 3] + "...")


def location_of(error: BaseException) -> str:
    """Return an unexpected error's type and where it was raised. Its message is left out: it may quote a request."""
    frames = traceback.extract_tb(error.__traceback__)
    where = "; ".join(f"{frame.filename}:{frame.lineno}" for frame in frames[-3:])
    return f"{type(error).__name__} at {where}"


def error_dict(error: HTTPError) -> dict[str, Any]:
    """Return an error as the values of a JSON object."""
    return {"error": {"status": error.status, "code": error.code, "message": error.message}}


def error_body(error: HTTPError, path: str) -> bytes:
    """Return an error as JSON, in the form that clients of `path` expect."""
    if path == PROTOCOL_PREFIX or path.startswith(PROTOCOL_PREFIX + "/"):
        return orjson.dumps({"error": error.message})
    return orjson.dumps(error_dict(error))


def error_response(error: HTTPError, path: str) -> Response:
    """Return the response to a request for `path` that failed."""
    return Response(error_body(error, path), error.status, error.headers, "application/json")


async def send_error(scope: Scope, receive: Receive, send: Send, error: HTTPError) -> None:
    """Answer an HTTP request, or the opening request of a WebSocket, with an error."""
    content = error_body(error, scope["path"])
    prefix = "websocket.http.response" if scope["type"] == "websocket" else "http.response"
    headers = {"content-type": "application/json", "content-length": str(len(content)), **error.headers}
    await send(
        {
            "type": f"{prefix}.start",
            "status": error.status,
            "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        }
    )
    await send({"type": f"{prefix}.body", "body": content})
