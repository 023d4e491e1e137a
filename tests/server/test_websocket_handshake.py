"""WebSockets that are refused, or break the protocol: in the log and the metrics, and no error of the server's."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from support.live_server import Server, Starter
from support.waiting import until

KEY = "x" * 20


@pytest.fixture
def guarded(start: Starter, forward: Path, tmp_path: Path) -> Server:
    keys = tmp_path / "keys"
    keys.write_text(KEY)
    keys.chmod(0o600)
    return start(forward, "--api-key-file", str(keys), "--max-streams", "1")


def refused(server: Server, path: str, status: int, **more: object) -> None:
    with pytest.raises(InvalidStatus) as raised:
        connect(f"ws://{server.host}:{server.port}{path}", **more)  # type: ignore[arg-type]
    assert raised.value.response.status_code == status
    assert json.loads(raised.value.response.body)["error"]


def test_every_refusal_is_counted_and_logged_as_what_it_is(guarded: Server) -> None:
    key = {"X-API-Key": KEY}
    refused(guarded, "/stream", 401)
    refused(guarded, "/stream", 403, additional_headers=key, origin="http://other.example")
    refused(guarded, "/nothing", 404, additional_headers=key)
    with connect(f"ws://{guarded.host}:{guarded.port}/stream", additional_headers=key) as client:
        client.send("w1")
        client.recv(30)
        refused(guarded, "/stream", 429, additional_headers=key)
    for route, status in (("/stream", 401), ("/stream", 403), ("(none)", 404), ("/stream", 429), ("/stream", 101)):
        line = f'recurra_requests_total{{method="GET",route="{route}",status="{status}"}}'
        until(lambda line=line: guarded.figure(line, key) == 1, line)  # type: ignore[misc]
        assert f" GET {route} {status} " in guarded.log()
    assert guarded.stop() == 0
    assert " ERROR " not in guarded.log() and "Traceback" not in guarded.log()


def test_a_message_that_is_not_utf8_closes_the_socket_without_a_traceback(start: Starter, forward: Path) -> None:
    server = start(forward)
    with connect(f"ws://{server.host}:{server.port}/stream") as client:
        client.send(b"\xff\xfe secret", text=True)
        with pytest.raises(ConnectionClosed) as closed:
            client.recv(30)
        assert closed.value.rcvd is not None and closed.value.rcvd.code == 1007
    assert server.stop() == 0
    assert " ERROR " not in server.log() and "Traceback" not in server.log() and "secret" not in server.log()
