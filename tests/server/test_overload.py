"""More load than there is room for: told at once, and no one else suffers."""

from __future__ import annotations

import http.client
import json
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from support.live_server import Server, Starter, ended_well, made_texts, start_server, write_model
from support.waiting import until

ROOM = 8
ROOMY = ("--timeout", "30", "--max-queue-tokens", "10000000")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with little room and a slow engine."""
    folder = tmp_path_factory.mktemp("small")
    model = write_model(folder / "model", hidden=64)
    running = start_server(model, folder / "errors", "--max-queue", str(ROOM), "--threads", "1", *ROOMY)
    yield running
    ended_well(running)


def test_overload_is_refused_with_429_while_liveness_answers(small: Server) -> None:
    texts = made_texts(16, longest=400)
    single = {text: small.predict(text).json["outputs"][0] for text in texts}
    over = threading.Event()
    alive: list[int] = []

    def live() -> None:
        while not over.is_set():
            alive.append(small.ask("GET", "/v2/health/live").status)

    def ask(client: int) -> Counter[int]:
        statuses: Counter[int] = Counter()
        for number in range(12):
            sent = [texts[(client + number + place) % len(texts)] for place in range(8)]
            answer = small.predict(*sent)
            statuses[answer.status] += 1
            if answer.status == 200:
                for text, output in zip(sent, answer.json["outputs"], strict=True):
                    assert output["probabilities"] == pytest.approx(single[text]["probabilities"], abs=1e-6)
            else:
                assert 1 <= int(answer.headers["retry-after"]) <= 60
                assert answer.json["error"]["code"] == "overloaded"
        return statuses

    probe = threading.Thread(target=live)
    probe.start()
    with ThreadPoolExecutor(3 * ROOM) as pool:
        statuses = sum(pool.map(ask, range(3 * ROOM)), Counter())
    over.set()
    probe.join()
    assert set(statuses) == {200, 429}, statuses
    assert len(alive) > 5 and set(alive) == {200}
    refused = 'recurra_dropped_requests_total{reason="overloaded"}'
    assert small.figure(refused) == statuses[429]
    assert small.figure("recurra_queue_requests ") == small.figure("recurra_queue_tokens ") == 0
    assert small.predict("w1").status == 200


def asked(server: Server, *texts: str) -> socket.socket:
    """Send a request and leave its answer to come."""
    connection = http.client.HTTPConnection(server.host, server.port, timeout=30)
    connection.request("POST", "/predict", json.dumps({"inputs": texts}), {"Content-Type": "application/json"})
    assert connection.sock is not None
    return connection.sock


def test_disconnected_clients_free_their_slots(small: Server) -> None:
    abandoned = 'recurra_dropped_requests_total{reason="abandoned"}'
    before = small.figure(abandoned)
    heavy = made_texts(256, longest=800)
    waiting: list[socket.socket] = []
    while small.predict("w1").status == 200:  # it may have had the place that one of them needed
        waiting += [asked(small, *heavy) for _ in range(ROOM)]
    for connection in waiting:
        connection.close()
    until(lambda: small.predict("w1").status == 200, "there is room again")
    until(lambda: small.figure(abandoned) - before >= ROOM // 2, "those that hung up are counted")
    until(lambda: small.figure("recurra_queue_tokens ") == 0, "their tokens do not wait any more")


def test_a_request_that_times_out_is_cancelled(start: Starter, tmp_path: Path) -> None:
    server = start(write_model(tmp_path / "model", hidden=96), "--timeout", "0.05", "--threads", "1")
    answer = server.predict(*made_texts(256, longest=400))
    assert answer.status == 504 and answer.json["error"]["code"] == "expired"
    assert server.figure('recurra_dropped_requests_total{reason="expired"}') == 1
    until(lambda: server.predict("w1").status == 200, "the engine is free again")
    assert server.stop() == 0


def test_one_upload_is_scored_at_a_time(small: Server) -> None:
    rows = b"text\n" + b"\n".join(text.encode() for text in made_texts(500, longest=300)) + b"\n"
    kind = {"Content-Type": "text/csv"}
    connection = http.client.HTTPConnection(small.host, small.port, timeout=30)
    connection.putrequest("POST", "/score")
    for name, value in (kind | {"Content-Length": str(len(rows))}).items():
        connection.putheader(name, value)
    connection.endheaders(rows[:1000])
    until(lambda: small.figure("recurra_requests_in_flight ") >= 2, "the upload has begun")
    assert small.ask("POST", "/score", b"text\na\n", kind).status == 429
    assert small.predict("w1").status == 200
    connection.send(rows[1000:])
    response = connection.getresponse()
    assert response.status == 200 and response.read().count(b"\n") == 501
    connection.close()
    assert small.ask("POST", "/score", b"text\na\n", kind).status == 200
