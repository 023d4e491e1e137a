"""Sockets that are one stream each: their number, and how each end is told."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest
from fastapi import FastAPI, WebSocket
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from recurra.errors import OptionError
from recurra.http.service import Service
from recurra.http.streams import BadMessage, Streams, received, send


class Gauge:
    """Counts what is open."""

    def __init__(self) -> None:
        self.value = 0

    def inc(self) -> None:
        self.value += 1

    def dec(self) -> None:
        self.value -= 1


def served(answer: Callable[..., Any], most: int = 1, idle: float = 30.0) -> tuple[TestClient, Gauge]:
    gauge = Gauge()
    service = SimpleNamespace(
        options=SimpleNamespace(max_streams=most, idle=idle),
        metrics=SimpleNamespace(streams=gauge),
        current_model=lambda: SimpleNamespace(model="the model"),
    )
    app, streams = FastAPI(), Streams(cast(Service, service))

    @app.websocket("/s")
    async def stream(socket: WebSocket) -> None:
        await streams.serve(socket, answer)

    return TestClient(app), gauge


async def echo(socket: WebSocket, model: str) -> None:
    while True:
        content = await received(socket, 30)
        await send(socket, {"model": model, "heard": content if isinstance(content, str) else len(content)})


def test_messages_are_answered_with_the_model_until_the_peer_leaves() -> None:
    client, gauge = served(echo)
    with client.websocket_connect("/s") as socket:
        socket.send_text("a")
        assert socket.receive_json() == {"model": "the model", "heard": "a"}
        socket.send_bytes(b"123")
        assert socket.receive_json()["heard"] == 3 and gauge.value == 1
    with client.websocket_connect("/s") as socket:  # the first one has ended
        socket.send_text("b")
        assert socket.receive_json()["heard"] == "b"
    assert gauge.value == 0


def test_no_more_are_open_than_may_be() -> None:
    client, gauge = served(echo, most=0)
    with pytest.raises(Exception) as refused, client.websocket_connect("/s"):
        pass
    assert getattr(refused.value, "status_code", None) == 503 or isinstance(refused.value, WebSocketDisconnect)
    assert gauge.value == 0


@pytest.mark.parametrize(
    ("error", "status", "code", "message"),
    [
        (BadMessage("Not so."), 1008, "refused", "Not so."),
        (OptionError("This model cannot."), 1008, "refused", "This model cannot."),
        (TimeoutError(), 1008, "idle", "No message came for 7 s."),
        (RuntimeError("secret words"), 1011, "failed", "The server failed; see its log."),
        (BadMessage("é" * 200), 1008, "refused", "é" * 200),
    ],
)
def test_each_end_is_told_and_nothing_of_a_failure(error: Exception, status: int, code: str, message: str) -> None:
    async def fails(socket: WebSocket, model: str) -> None:
        raise error

    client, gauge = served(fails, idle=7.0)
    with client.websocket_connect("/s") as socket:
        assert socket.receive_json() == {"error": {"status": status, "code": code, "message": message}}
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_json()
    assert closed.value.code == status and message.startswith(closed.value.reason or "")
    assert len((closed.value.reason or "").encode()) <= 120 and gauge.value == 0
