"""The application within this process: before the model is loaded, while it drains, and where the engine fails."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.types import ASGIApp

from recurra.errors import OptionError
from recurra.http.options import ServeOptions
from recurra.http.service import Service
from recurra.server import start as verb
from recurra.server.app import create_app
from recurra.server.model_loading import load_model


@pytest.fixture
def service(both_ways: Path) -> Iterator[Service]:
    made = Service(both_ways, ServeOptions(), load_model)
    yield made
    made.close()


@pytest.fixture
def app(service: Service) -> ASGIApp:
    return create_app(service)


def ask(app: ASGIApp, method: str, path: str, body: bytes = b"") -> tuple[int, dict[str, str], Any]:
    """Send a request through the application without a socket."""
    sent: list[dict[str, Any]] = []
    waiting = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> dict[str, Any]:
        return waiting.pop() if waiting else await asyncio.Event().wait() and {}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": [(b"host", b"localhost"), (b"content-type", b"application/json")],
        "client": ("127.0.0.1", 1),
    }
    asyncio.run(app(scope, receive, send))  # type: ignore[arg-type]
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], headers, json.loads(b"".join(message["body"] for message in sent[1:]))


def test_before_the_model_is_loaded_it_lives_and_is_not_ready(service: Service, app: ASGIApp) -> None:
    assert ask(app, "GET", "/v2/health/live")[::2] == (200, {"live": True})
    assert ask(app, "GET", "/v2/health/ready")[::2] == (503, {"ready": False})
    status, headers, answer = ask(app, "POST", "/predict", b'{"inputs": ["a"]}')
    assert (status, answer["error"]["code"], headers["retry-after"]) == (503, "loading", "1")
    service.reloader.load()
    assert ask(app, "GET", "/v2/health/ready")[::2] == (200, {"ready": True})
    assert ask(app, "POST", "/predict", b'{"inputs": ["a"]}')[0] == 200


def test_while_it_drains_new_requests_are_refused(service: Service, app: ASGIApp) -> None:
    service.reloader.load()
    service.draining = True
    assert ask(app, "GET", "/v2/health/live")[0] == 200
    assert ask(app, "GET", "/v2/health/ready")[0] == 503
    for method, path in (("POST", "/predict"), ("GET", "/model"), ("GET", "/")):
        status, headers, answer = ask(app, method, path)
        assert (status, headers["connection"], answer["error"]["code"]) == (503, "close", "draining")


def test_an_internal_error_does_not_quote_the_request(
    service: Service, app: ASGIApp, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    service.reloader.load()
    assert service.reloader.current is not None

    def broken(*_: object) -> None:
        raise ValueError("secret")

    monkeypatch.setattr(service.reloader.current.model.graph, "run", broken)
    monkeypatch.setattr("recurra.http.access_log.log.propagate", True)
    status, _, answer = ask(app, "POST", "/predict", b'{"inputs": ["secret"]}')
    assert (status, answer["error"]["code"]) == (500, "failed")
    assert "ValueError at " in caplog.text and "secret" not in caplog.text + str(answer)


def test_what_serving_needs_is_named_where_it_is_not_installed(
    both_ways: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verb, "find_spec", lambda name: None)
    with pytest.raises(OptionError, match=r"pip install '\.\[serve\]'"):
        verb.serve(both_ways, ServeOptions(), on_ready=print)
