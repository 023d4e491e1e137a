"""One WebSocket is one session: running answers, equal to those of the whole text; limits; refusals."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

import recurra
from recurra.http.body import MESSAGE_BYTES
from recurra.tasks.classify.http.websocket import SLICE_CHARACTERS
from support.live_server import Server, ended_well, made_texts, start_server
from support.waiting import until

LIMITS = ("--max-streams", "2", "--idle", "1.5")


@pytest.fixture(scope="module")
def streaming(forward: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = start_server(forward, tmp_path_factory.mktemp("streaming") / "errors")
    yield running
    ended_well(running)


@pytest.fixture(scope="module")
def model(forward: Path) -> Any:
    return recurra.load(forward)


def opened(server: Server, query: str = "") -> ClientConnection:
    return connect(f"ws://{server.host}:{server.port}/stream{query}", max_size=None)


def said(client: ClientConnection, message: Any) -> Any:
    client.send(message if isinstance(message, str) else json.dumps(message))
    return json.loads(client.recv(30))


def alike(running: dict[str, Any], model: Any, text: str) -> None:
    np.testing.assert_allclose(list(running["probabilities"].values()), model.predict_proba([text])[0], atol=1e-5)
    assert running["label"] == model.predict([text])[0]


@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_feeding_in_pieces_gives_the_answer_to_the_whole(streaming: Server, model: Any, data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(made_texts(8, seed=4)))
    cuts = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=5)))
    with opened(streaming) as client:
        for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True):
            running = said(client, {"text": text[start:end]})
            alike(running, model, text[:end])
            assert running["final"] is False
        last = said(client, {"finish": True})
        assert last["final"] is True
        alike(last, model, text)
        with pytest.raises(ConnectionClosed) as closed:
            client.recv(30)
        assert closed.value.rcvd is not None and closed.value.rcvd.code == 1000


def test_text_messages_are_pieces_and_the_query_makes_all_of_them_so(streaming: Server, model: Any) -> None:
    with opened(streaming) as client:
        alike(said(client, "w1 w2"), model, "w1 w2")
        alike(said(client, " {not json"), model, "w1 w2 {not json")
    with opened(streaming, "?format=text") as client:
        alike(said(client, '{"finish": true}'), model, '{"finish": true}')


def test_a_session_can_be_taken_up_on_another_socket(streaming: Server, model: Any) -> None:
    with opened(streaming) as client:
        said(client, {"text": "w1 w5 w2"})
        state = said(client, {"state": True})["state"]
    with opened(streaming) as client:
        alike(said(client, {"restore": state}), model, "w1 w5 w2")
        alike(said(client, {"text": " w9 w10"}), model, "w1 w5 w2 w9 w10")


def test_a_long_message_is_read_in_slices_with_the_answer_to_the_whole(streaming: Server, model: Any) -> None:
    text = " ".join(f"w{number % 40}" for number in range(990)) + "  <br " + " " * 3 * SLICE_CHARACTERS + "/> it’s"
    assert len(text) > 3 * SLICE_CHARACTERS
    with opened(streaming) as client:
        alike(said(client, {"text": text}), model, text)
        assert said(client, {"finish": True})["tokens"] == model.encode([text])[0].tokens


@pytest.mark.parametrize("text", ["state: w1", "text: w1 w2", "{w1} w2", "[1]", '"w1"', "restore w2", "12", "null"])
def test_what_only_resembles_a_command_is_text(streaming: Server, model: Any, text: str) -> None:
    with opened(streaming) as client:
        alike(said(client, text), model, text)


def test_states_that_were_tampered_with_close_the_socket_with_the_reason(streaming: Server) -> None:
    with opened(streaming) as client:
        said(client, {"text": "w1 w5 w2"})
        state = said(client, {"state": True})["state"]
        client.send(json.dumps({"restore": state}))
        assert "first message" in json.loads(client.recv(30))["error"]["message"]
    for change in ({"tokens": 2**53 + 1}, {"tokens": 2**63}, {"answer": [6.0, -5.0]}, {"answer": [6.0, 0.0]}):
        with opened(streaming) as client:
            client.send(json.dumps({"restore": state | change}))
            error = json.loads(client.recv(30))["error"]
            assert error["status"] == 1008 and "damaged" in error["message"]
            with pytest.raises(ConnectionClosed) as closed:
                client.recv(30)
            assert closed.value.rcvd is not None and closed.value.rcvd.code == 1008 and closed.value.rcvd.reason


@pytest.mark.parametrize(
    "message",
    [
        '{"text": 5}',
        '{"text": "a", "finish": true}',
        "{}",
        '{"restore": {"secret": 1}}',
        b"secret",
        '{"finish": false}',
        '{"state": false}',
        '{"restore": {"secret": ',
        '{"restore": {"secret": NaN}}',
        '{"restore": {"secret": "\\ud800"}}',
        '{"restore": {"secret": ' + "9" * 400 + "}}",
        '  { "resto',
        "{'restore': {}}",
        "{restore: {}}",
        '"restore": {"secret": 1}}',
        'restore": {"secret": 1}}',
        '{"text": "secret',
        '{"text": "secret"}{"text": "secret"}',
    ],
)
def test_messages_that_cannot_be_taken_close_the_socket_with_the_reason(streaming: Server, message: Any) -> None:
    with opened(streaming) as client:
        client.send(message)
        error = json.loads(client.recv(30))["error"]
        assert error["status"] == 1008 and "secret" not in error["message"]
        with pytest.raises(ConnectionClosed) as closed:
            client.recv(30)
        assert closed.value.rcvd is not None and closed.value.rcvd.code == 1008 and closed.value.rcvd.reason


def test_a_message_that_is_too_large_closes_the_socket(streaming: Server) -> None:
    """Its head suffices, which tells its length: a peer that still writes when the server closes may never read why."""
    with opened(streaming) as client:
        masked_text_of = bytes([0x81, 0xFF]) + (MESSAGE_BYTES + 1).to_bytes(8, "big") + bytes(4)
        client.socket.sendall(masked_text_of)
        with pytest.raises(ConnectionClosed) as closed:
            client.recv(30)
        assert closed.value.rcvd is not None and closed.value.rcvd.code == 1009


def test_a_bidirectional_model_cannot_stream(server: Server) -> None:
    with opened(server) as client:
        error = json.loads(client.recv(30))["error"]
        assert "--direction forward" in error["message"]
        with pytest.raises(ConnectionClosed) as closed:
            client.recv(30)
        assert closed.value.rcvd is not None and closed.value.rcvd.code == 1008


def test_streams_are_limited_in_number_and_in_idleness(forward: Path, tmp_path: Path) -> None:
    running = start_server(forward, tmp_path / "errors", *LIMITS)
    with opened(running) as first, opened(running):
        said(first, "w1")
        with pytest.raises(InvalidStatus) as refused:
            opened(running)
        assert refused.value.response.status_code == 429
        assert json.loads(first.recv(30))["error"]["code"] == "idle"
    until(lambda: running.figure("recurra_streams ") == 0, "the places of closed streams are free again")
    with opened(running) as client:
        said(client, "w1")
        assert running.stop() == 0  # a stream does not hold up the end
        with pytest.raises(ConnectionClosed):
            client.recv(30)
    ended_well(running)


def test_a_client_that_vanishes_frees_its_place(streaming: Server) -> None:
    with opened(streaming) as client:
        said(client, "w1")
        assert streaming.figure("recurra_streams ") == 1
        client.socket.shutdown(socket.SHUT_RDWR)
        until(lambda: streaming.figure("recurra_streams ") == 0, "the place is free")
