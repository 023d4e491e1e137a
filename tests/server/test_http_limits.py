"""What is refused, and how: never with a 5xx, a traceback or an echo of the text."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from recurra.server.http_limits import LimitedHttpProtocol
from recurra.server.websocket_handshake import QuietWebSocketProtocol
from support.live_server import Server, ended_well, start_server

LIMITS = ("--max-body", "2000", "--max-inputs", "3", "--max-characters", "50", "--max-upload", "4000")


@pytest.fixture(scope="module")
def strict(both_ways: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = start_server(both_ways, tmp_path_factory.mktemp("strict") / "errors", *LIMITS)
    yield running
    ended_well(running)


def refused(server: Server, body: bytes, status: int, word: str, path: str = "/predict") -> None:
    answer = server.ask("POST", path, body, {"Content-Type": "application/json"})
    assert answer.status == status, answer.content
    error = answer.json["error"]
    assert error["status"] == status and word in error["message"], error
    assert "secret" not in error["message"]


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (b"", "empty"),
        (b"{", "not JSON"),
        (b"secret", "not JSON"),
        (b'{"inputs": ["secret" "secret"]}', "not JSON"),
        (b'{"inputs": ["a"], "x": NaN}', "not JSON"),
        (b'{"inputs": ["a"], "x": 1e999}', "not JSON"),
        (b'{"inputs": ["a"], "x": -' + b"9" * 1500 + b"}", "not JSON"),
        (b'{"inputs": ["\\ud800"]}', "not JSON"),
        (b'{"inputs": ["\xff\xfe"]}', "not JSON"),
        (b'{"inputs": ["\xed\xa0\x80"]}', "not JSON"),
        (b"\xef\xbb\xbf{}", "not JSON"),
        (b"\x00" * 50, "not JSON"),
    ],
)
def test_what_is_no_json_is_a_400(strict: Server, body: bytes, word: str) -> None:
    refused(strict, body, 400, word)
    refused(strict, body, 400, word, "/explain")


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ([], "JSON object"),
        ("secret", "JSON object"),
        (None, "JSON object"),
        ({}, "'inputs' is missing"),
        ({"inputs": []}, "at least 1"),
        ({"inputs": "secret"}, "list"),
        ({"inputs": ["a", 5]}, "inputs.1"),
        ({"inputs": [None]}, "string"),
        ({"inputs": ["a"], "imputs": 1}, "no field 'imputs'"),
        ({"inputs": ["a"], "y" * 900: 1}, "..."),
        ({"inputs": ["a"] * 4}, "at most 3"),
        ({"inputs": ["a", "secret" * 20]}, "inputs.1 has 120 characters; at most 50"),
        ({"inputs": [[[[["a"]]]]]}, "string"),
    ],
)
def test_what_does_not_fit_is_a_422(strict: Server, body: Any, word: str) -> None:
    refused(strict, json.dumps(body).encode(), 422, word)


@pytest.mark.parametrize("depth", [17, 900, 1900])
def test_json_that_is_too_deep_is_a_422(strict: Server, depth: int) -> None:
    refused(strict, b"[" * depth + (b"]" * depth if depth < 1000 else b""), 422, "levels")


@pytest.mark.parametrize("path", ["/predict", "/explain", "/v2/models/reviews/infer", "/score"])
@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_that_is_too_large_is_a_413_stated_or_not(strict: Server, path: str, chunked: bool) -> None:
    kind = "text/csv" if path == "/score" else "application/json"
    body = b"x" * 5000
    headers: dict[str, str] = {"Content-Type": kind}
    content: Any = body
    if chunked:
        headers["Transfer-Encoding"] = "chunked"
        content = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:3000], body[3000:])) + b"0\r\n\r\n"
    answer = strict.ask("POST", path, content, headers)
    assert answer.status == 413 and answer.headers["connection"] == "close"
    assert b"larger than" in answer.content


def test_a_content_length_that_is_too_large_is_refused_at_once(strict: Server) -> None:
    head = (
        "POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 99999999999\r\n"
    )
    with socket.create_connection((strict.host, strict.port), timeout=30) as connection:
        connection.sendall(head.encode() + b"\r\nxx")
        assert connection.recv(1000).startswith(b"HTTP/1.1 413 ")


def test_other_content_types_and_methods_and_places(strict: Server) -> None:
    assert strict.ask("POST", "/predict", b'{"inputs":["a"]}', {"Content-Type": "text/plain"}).status == 415
    assert strict.ask("POST", "/score", b"text\na\n", {"Content-Type": "application/json"}).status == 415
    assert strict.ask("POST", "/predict", b'{"inputs":["a"]}').status == 200  # none at all is taken for JSON
    wrong = strict.ask("GET", "/predict")
    assert (wrong.status, wrong.headers["allow"]) == (405, "POST")
    assert wrong.json["error"]["message"] == "This address does not take the method 'GET'; it takes POST."
    assert strict.ask("PUT", "/").json["error"]["message"].endswith("'PUT'; it takes GET, HEAD.")
    assert strict.ask("DELETE", "/v2/health/live").json == {
        "error": "This address does not take the method 'DELETE'; it takes GET."
    }
    assert strict.ask("GET", "/secret").json["error"]["message"].startswith("There is nothing here.")
    assert strict.ask("GET", "/v2/secret").json.keys() == {"error"}


def test_a_csv_with_a_text_that_is_too_long_is_refused(strict: Server) -> None:
    answer = strict.ask("POST", "/score", b"text\n" + b"secret" * 20 + b"\n", {"Content-Type": "text/csv"})
    assert answer.status == 422 and b"120 characters" in answer.content and b"secret" not in answer.content


@pytest.mark.parametrize("path", ["/predict", "/score", "/v2/models/reviews/infer"])
@pytest.mark.parametrize("size", [30_000_000, 100_000])
def test_a_large_body_that_is_sent_before_the_answer_is_read_gets_its_413(strict: Server, path: str, size: int) -> None:
    kind = "text/csv" if path == "/score" else "application/json"
    answer = strict.ask("POST", path, b"x" * size, {"Content-Type": kind})
    assert answer.status == 413 and answer.headers["connection"] == "close"
    assert b"larger than" in answer.content


def exchanged(server: Server, sent: bytes) -> bytes:
    """Return what comes back until the server closes its half."""
    received = b""
    with socket.create_connection((server.host, server.port), timeout=30) as connection:
        connection.sendall(sent)
        while part := connection.recv(65536):
            received += part
    return received


def test_a_connection_is_closed_once_what_was_still_sent_is_read(strict: Server) -> None:
    head = b"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9000\r\n\r\n"
    with socket.create_connection((strict.host, strict.port), timeout=30) as connection:
        connection.sendall(head)
        received = b""
        while part := connection.recv(65536):  # the answer, and the end of the server's half
            received += part
        assert received.startswith(b"HTTP/1.1 413 ")
        connection.sendall(b"x" * 9000)
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(1) == b""


HEAD = b"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
CHUNKS = b'd\r\n{"inputs":["a\r\n3\r\n"]}\r\n0\r\n\r\n'


@pytest.mark.parametrize(
    "coding",
    [b"gzip", b"chunked, gzip", b"gzip, chunked", b"xchunked", b"identity", b"", b"chunked\r\nContent-Length: 5"],
)
def test_other_transfer_encodings_are_a_400(strict: Server, coding: bytes) -> None:
    answer = exchanged(strict, HEAD + b"Transfer-Encoding: " + coding + b"\r\n\r\n" + CHUNKS)
    assert answer.startswith(b"HTTP/1.1 400 ") and answer.count(b"HTTP/1.1") == 1
    error = json.loads(answer.partition(b"\r\n\r\n")[2])["error"]
    assert error["code"] in ("transfer_encoding", "not_http")


def test_chunks_are_read_and_broken_ones_are_a_400(strict: Server) -> None:
    close = b"Connection: close\r\nTransfer-Encoding: Chunked\r\n\r\n"
    assert exchanged(strict, HEAD + close + CHUNKS).startswith(b"HTTP/1.1 200 ")
    broken = exchanged(strict, HEAD + close + b"zz\r\nsecret\r\n0\r\n\r\n")
    assert broken.startswith(b"HTTP/1.1 400 ") and broken.count(b"HTTP/1.1") == 1 and b"secret" not in broken


def test_the_time_limit_for_a_head_ends_with_the_head_of_a_websocket() -> None:
    """A timer that goes on would write an answer of HTTP into the socket after ten seconds."""

    class Connection(asyncio.Transport):
        def get_extra_info(self, name: str, default: Any = None) -> Any:
            return default

        def is_closing(self) -> bool:
            return False

        def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
            self.protocol = protocol

        def write(self, data: Any) -> None:
            pass

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await asyncio.Event().wait()

    async def timer_after(head: bytes) -> asyncio.TimerHandle | None:
        config = uvicorn.Config(app, ws=QuietWebSocketProtocol, lifespan="off", log_config=None)
        config.load()
        connection = LimitedHttpProtocol(config, server_state=ServerState(), app_state={})
        connection.connection_made(Connection())
        for part in (head[:30], head[30:]):
            assert connection._head_timer is not None
            connection.data_received(part)
        return connection._head_timer

    head = (
        b"GET /stream HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    assert asyncio.run(timer_after(head)) is None
    assert asyncio.run(timer_after(head[:-4] + b"\r\nX-More: ")) is not None
