"""Long texts: they delay nobody, and end with the client that requested them."""

from __future__ import annotations

import asyncio
import http.client
import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from recurra.http.options import ServeOptions
from recurra.http.service import Service
from recurra.server.app import create_app
from recurra.server.model_loading import load_model
from support.live_models import LONG_WORDS, write_writer
from support.live_server import Server, ended_well, start_server
from support.waiting import until

ROOM = 3
ENDLESS = 10**9
ABANDONED = 'recurra_dropped_requests_total{reason="abandoned"}'
LIMITS = ("--max-queue", str(ROOM), "--max-written", str(ENDLESS), "--threads", "1", "--timeout", "20", "--idle", "1")


@pytest.fixture(scope="module")
def endless(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that writes long words for as long as one listens, with little room."""
    folder = tmp_path_factory.mktemp("endless")
    running = start_server(write_writer(folder / "model", words=LONG_WORDS), folder / "errors", *LIMITS)
    yield running
    ended_well(running)


def opened(server: Server, *, stream: bool = True) -> http.client.HTTPConnection:
    connection = http.client.HTTPConnection(server.host, server.port, timeout=30)
    body = json.dumps({"tokens": ENDLESS, "seed": 1, "stream": stream})
    connection.request("POST", "/generate", body, {"Content-Type": "application/json"})
    return connection


def alone(server: Server) -> bool:
    """Whether nothing is in flight but the question itself."""
    return server.figure("recurra_requests_in_flight ") <= 1


def test_streams_delay_nobody_and_free_their_slots_on_disconnect(endless: Server) -> None:
    before = endless.figure(ABANDONED)
    streams = [opened(endless) for _ in range(ROOM - 1)]
    responses = [stream.getresponse() for stream in streams]
    for response in responses:
        assert response.status == 200 and response.read(10).startswith(b"data: ")
    for _ in range(3):  # others have their turn between
        assert endless.ask("GET", "/v2/health/live").status == 200
        answer = endless.ask("POST", "/generate", {"tokens": 20, "seed": 1})
        assert answer.status == 200
    assert all(response.read(10) for response in responses)
    streams.append(opened(endless, stream=False))
    until(lambda: endless.figure("recurra_requests_in_flight ") >= ROOM + 1, "it has a place")
    refused = until(
        lambda: (answer := endless.ask("POST", "/generate", {"tokens": 1})).status == 429 and answer, "it is full"
    )
    assert refused.json["error"]["code"] == "overloaded" and int(refused.headers["retry-after"]) >= 1
    for response in responses:
        response.close()
    for stream in streams:
        stream.close()
    until(lambda: alone(endless), "their places are free")
    assert endless.figure(ABANDONED) == before + ROOM
    assert endless.ask("POST", "/generate", {"tokens": 1}).status == 200


def test_a_client_that_reads_nothing_frees_its_place(endless: Server) -> None:
    body = json.dumps({"tokens": ENDLESS, "stream": True}).encode()
    head = b"POST /generate HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    before = endless.figure(ABANDONED)
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect((endless.host, endless.port))
        connection.sendall(head % len(body) + body)
        until(lambda: endless.figure(ABANDONED) == before + 1, "it is abandoned")
        until(lambda: alone(endless), "its place is free")


def test_what_takes_too_long_is_a_504_and_frees_its_place(tmp_path: Path) -> None:
    running = start_server(
        write_writer(tmp_path / "model"), tmp_path / "errors", "--timeout", "0.3", "--max-written", str(ENDLESS)
    )
    answer = running.ask("POST", "/generate", {"tokens": ENDLESS})
    assert answer.status == 504 and answer.json["error"]["code"] == "expired"
    until(lambda: alone(running), "its place is free")
    assert running.stop() == 0


def test_a_stream_under_way_is_finished_when_the_server_ends(tmp_path: Path) -> None:
    running = start_server(write_writer(tmp_path / "model"), tmp_path / "errors")
    connection = http.client.HTTPConnection(running.host, running.port, timeout=30)
    body = json.dumps({"tokens": 2000, "seed": 1, "stream": True})
    connection.request("POST", "/generate", body, {"Content-Type": "application/json"})
    response = connection.getresponse()
    first = response.read(10)
    running.process.terminate()
    assert (first + response.read()).count(b"\n\n") == 2001
    connection.close()
    ended_well(running)


def test_a_stream_that_outlasts_the_drain_ends_with_an_error(tmp_path: Path) -> None:
    limits = ("--drain", "0.2", "--max-written", str(ENDLESS))
    running = start_server(write_writer(tmp_path / "model", words=LONG_WORDS), tmp_path / "errors", *limits)
    stream = opened(running)
    response = stream.getresponse()
    assert response.read(10).startswith(b"data: ")
    running.process.terminate()
    last = response.read().strip().split(b"\n\n")[-1]
    assert json.loads(last.removeprefix(b"data: "))["error"]["code"] == "draining"
    stream.close()
    ended_well(running)


def test_an_error_within_a_stream_does_not_quote_the_request(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    service = Service(write_writer(tmp_path / "model"), ServeOptions(), load_model)
    app = create_app(service)
    service.reloader.load()
    assert service.reloader.current is not None

    def broken(*_: object) -> None:
        raise ValueError("secret")

    monkeypatch.setattr(service.reloader.current.model._session, "run", broken)
    monkeypatch.setattr("recurra.http.access_log.log.propagate", True)
    for stream in (True, False):
        sent: list[dict[str, object]] = []
        waiting = [{"type": "http.request", "body": json.dumps({"prompt": "secret", "stream": stream}).encode()}]

        async def receive() -> dict[str, object]:
            return waiting.pop() if waiting else await asyncio.Event().wait() and {}  # noqa: B023

        async def send(message: object) -> None:
            sent.append(message)  # type: ignore[arg-type]  # noqa: B023

        scope = {
            "type": "http", "method": "POST", "path": "/generate", "raw_path": b"/generate", "root_path": "",
            "query_string": b"", "headers": [(b"host", b"localhost")], "client": ("127.0.0.1", 1),
        }  # fmt: skip
        asyncio.run(app(scope, receive, send))  # type: ignore[arg-type]
        assert sent[0]["status"] == 500 and service.working == 0
        assert "ValueError at " in caplog.text and "secret" not in caplog.text + str(sent)
    service.close()
