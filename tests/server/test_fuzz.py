"""Bytes that no good client sends. Whatever comes, the server goes on to answer, and says nothing of failures."""

from __future__ import annotations

import contextlib
import random
import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.live_server import Server, ended_well, start_server
from support.waiting import until

ROUNDS = 150
HEAD = b"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
BODY = b'{"inputs": ["w1 w2"]}'
GOOD = HEAD + b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY


@pytest.fixture(scope="module")
def target(both_ways: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = start_server(both_ways, tmp_path_factory.mktemp("fuzz") / "errors")
    yield running
    ended_well(running)


def sent(server: Server, content: bytes, *, end: bool = True, pieces: int = 1) -> bytes:
    """Send bytes on a connection of their own, in pieces; return what comes until the server closes or is silent."""
    received = b""
    with socket.create_connection((server.host, server.port), timeout=2) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with contextlib.suppress(OSError):
            step = max(1, -(-len(content) // pieces))
            for place in range(0, len(content), step):
                connection.sendall(content[place : place + step])
            if end:
                connection.shutdown(socket.SHUT_WR)
            while part := connection.recv(65536):
                received += part
    return received


def statuses(received: bytes) -> list[int]:
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", received)]


def test_the_good_request_of_these_tests_is_good(target: Server) -> None:
    assert statuses(sent(target, GOOD.replace(b"Host", b"Connection: close\r\nHost"), end=False)) == [200]


def mutated(chance: random.Random) -> bytes:
    content = bytearray(GOOD)
    for _ in range(chance.randint(1, 6)):
        place = chance.randrange(len(content))
        match chance.randrange(5):
            case 0:
                content[place] = chance.randrange(256)
            case 1:
                del content[place : place + chance.randint(1, 20)]
            case 2:
                content[place:place] = chance.randbytes(chance.randint(1, 30))
            case 3:
                content[place:place] = content[chance.randrange(len(content)) :][:50]
            case _:
                content[place:place] = chance.choice(
                    [b"\r\n", b"\r\n\r\n", b"\0", b"Transfer-Encoding: chunked\r\n", b"Content-Length: 5\r\n", b"\xff"]
                )
    return bytes(content)


def test_damaged_requests(target: Server) -> None:
    chance = random.Random(7)
    for _ in range(ROUNDS):
        content = mutated(chance)
        if chance.random() < 0.3:
            content = content[: chance.randrange(len(content))]
        assert all(status < 500 for status in statuses(sent(target, content, pieces=chance.choice([1, 1, 3, 9]))))
    assert target.predict("w1").status == 200


def test_garbage(target: Server) -> None:
    chance = random.Random(8)
    for size in (0, 1, 10, 1000, 100_000):
        assert set(statuses(sent(target, chance.randbytes(size)))) <= {400, 431}
    for content in (
        b"GET",
        b"\r\n" * 5000,
        b"GET / HTTP/9.9\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"\x16\x03\x01\x02",
    ):
        assert all(status < 500 for status in statuses(sent(target, content)))
    assert target.predict("w1").status == 200


def test_heads_that_are_too_large_or_never_end(target: Server) -> None:
    for content in (
        b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 100_000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"".join(b"X-%d: 1\r\n" % number for number in range(9000)),
        b"GET / HTTP/1.1\r\nX: " + b"a" * 200_000,
    ):
        assert set(statuses(sent(target, content, end=False))) <= {431, 400}
    assert target.predict("w1").status == 200


def test_pipelined_requests_are_answered_in_order(target: Server) -> None:
    bad = HEAD + b"Content-Length: 2\r\n\r\n[]"
    last = GOOD.replace(b"Host", b"Connection: close\r\nHost")
    assert statuses(sent(target, (GOOD + bad) * 10 + last, end=False)) == [200, 422] * 10 + [200]
    assert set(statuses(sent(target, GOOD * 3 + b"garbage\r\n\r\n", end=False))) <= {200, 400}


def test_smuggled_and_doubled_lengths_are_refused(target: Server) -> None:
    for lengths in (
        b"Content-Length: 21\r\nContent-Length: 5\r\n",
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        b"Content-Length: -1\r\n",
        b"Content-Length: 99999999999999999999999\r\n",
        b"Transfer-Encoding: chunked, identity\r\n",
    ):
        received = sent(target, HEAD + lengths + b"\r\n" + BODY)
        assert set(statuses(received)) <= {400, 413}, lengths


def test_many_half_open_connections_do_not_keep_others_out(target: Server) -> None:
    with contextlib.ExitStack() as stack:
        for number in range(300):
            connection = stack.enter_context(socket.create_connection((target.host, target.port), timeout=5))
            connection.sendall(GOOD[: number % len(GOOD)])
        for _ in range(5):
            assert target.predict("w1").status == 200
            assert target.ask("GET", "/v2/health/live").status == 200
    until(lambda: target.figure("recurra_requests_in_flight ") <= 1, "nothing of them is left")


def test_damaged_websocket_frames(target: Server) -> None:
    head = (
        b"GET /stream HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    chance = random.Random(9)
    for _ in range(30):
        assert all(status < 500 for status in statuses(sent(target, head + chance.randbytes(chance.randint(0, 300)))))
    for broken in (head.replace(b"13", b"99"), head.replace(b"dGhl", b"...."), head.replace(b"/stream", b"/predict")):
        assert all(400 <= status < 500 for status in statuses(sent(target, broken)))
    assert target.predict("w1").status == 200
