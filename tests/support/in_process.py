"""The application of a server within this process: requests and WebSockets without sockets, and without waiting."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.types import ASGIApp

from recurra.http.options import ServeOptions
from recurra.http.service import Service
from recurra.server.app import create_app
from recurra.server.model_loading import load_model

Headers = Sequence[tuple[bytes, bytes]]


@dataclass(frozen=True)
class Answered:
    """An answer over HTTP. log: what the server wrote of it."""

    status: int
    headers: dict[str, str]
    content: bytes
    log: str


@dataclass(frozen=True)
class Closed:
    """What came over a WebSocket: its messages as JSON, and the code it was closed with; None where it was left open,
    and the status of HTTP where it was never opened."""

    messages: list[Any]
    code: int | None
    status: int | None
    log: str


class InProcess:
    """An application, its service, and an event loop that runs while a request does."""

    def __init__(self, directory: Path, **options: Any) -> None:
        self.service = Service(directory, ServeOptions(**options), load_model)
        self.service.reloader.load()
        self.app: ASGIApp = create_app(self.service)
        self._loop = asyncio.Runner()

    def close(self) -> None:
        self._loop.close()
        self.service.close()

    def ask(
        self, method: str, path: str, body: bytes = b"", headers: Headers = (), query: bytes = b"", pieces: int = 1
    ) -> Answered:
        """Send a request, its body in pieces."""
        sent: list[Any] = []
        size = max(1, -(-len(body) // pieces))
        parts = [body[start : start + size] for start in range(0, len(body), size)] or [b""]
        waiting = [
            {"type": "http.request", "body": part, "more_body": number < len(parts)}
            for number, part in enumerate(parts, 1)
        ]
        with _logged() as log:
            self._run(self._scope("http", path, headers, query) | {"method": method}, waiting, sent)
        start = sent[0]
        assert start["type"] == "http.response.start" and all(it["type"] == "http.response.body" for it in sent[1:])
        assert not sent[-1].get("more_body", False), "the answer broke off"
        names = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in start["headers"]}
        return Answered(start["status"], names, b"".join(it.get("body", b"") for it in sent[1:]), log.getvalue())

    def talk(self, path: str, messages: Sequence[str | bytes], query: bytes = b"", headers: Headers = ()) -> Closed:
        """Open a WebSocket, send messages, and disconnect unless it was closed before."""
        sent: list[Any] = []
        waiting = [
            {"type": "websocket.connect"},
            *({"type": "websocket.receive", "text" if isinstance(it, str) else "bytes": it} for it in messages),
            {"type": "websocket.disconnect", "code": 1005},
        ]
        with _logged() as log:
            self._run(self._scope("websocket", path, headers, query) | {"subprotocols": []}, waiting, sent)
        codes = [it.get("code", 1000) for it in sent if it["type"] == "websocket.close"]
        statuses = [it["status"] for it in sent if it["type"] == "websocket.http.response.start"]
        texts = [json.loads(it["text"]) for it in sent if it["type"] == "websocket.send"]
        return Closed(texts, *(next(iter(them), None) for them in (codes, statuses)), log.getvalue())

    def _scope(self, kind: str, path: str, headers: Headers, query: bytes) -> dict[str, Any]:
        return {
            "type": kind,
            "path": path,
            "raw_path": path.encode("utf-8", "surrogatepass"),
            "root_path": "",
            "query_string": query,
            "headers": [(b"host", b"localhost"), *headers],
            "client": ("127.0.0.1", 1),
            "scheme": "ws" if kind == "websocket" else "http",
            "http_version": "1.1",
            "extensions": {"websocket.http.response": {}},
            "state": {},
        }

    def _run(self, scope: dict[str, Any], waiting: list[dict[str, Any]], sent: list[Any]) -> None:
        async def receive() -> dict[str, Any]:
            return waiting.pop(0) if waiting else await asyncio.Event().wait() and {}

        async def send(message: Any) -> None:
            sent.append(message)

        self._loop.run(self.app(scope, receive, send))  # type: ignore[arg-type]


@contextlib.contextmanager
def _logged() -> Iterator[io.StringIO]:
    """Give what the server logs meanwhile."""
    written = io.StringIO()
    handler, log = logging.StreamHandler(written), logging.getLogger()
    log.addHandler(handler)
    serving = logging.getLogger("recurra.serve")
    serving.addHandler(handler)
    try:
        with contextlib.redirect_stderr(written):
            yield written
    finally:
        serving.removeHandler(handler)
        log.removeHandler(handler)
