"""One WebSocket is one series: each answer is that of all steps so far, and refusals have the reason."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from recurra.tasks.series.http.websocket import MOST_STEPS
from recurra.tasks.series.model import SeriesModel
from support.live_server import Server

SERIES = np.random.default_rng(0).normal(size=(23, 3))


def opened(server: Server) -> ClientConnection:
    return connect(f"ws://{server.host}:{server.port}/stream", max_size=None)


def told(client: ClientConnection, message: Any) -> Any:
    client.send(json.dumps(message))
    return json.loads(client.recv(60))


def test_each_answer_is_that_of_all_steps_so_far(labels: tuple[Server, SeriesModel]) -> None:
    server, model = labels
    with opened(server) as client:
        for begin, end in [(0, 1), (1, 2), (2, 20), (20, 23)]:
            said = told(client, {"steps": SERIES[begin:end].tolist()})
            assert said["label"] == model.predict([SERIES[:end]])[0]
            chances = [said["probabilities"][label] for label in ("low", "mid", "high")]
            np.testing.assert_allclose(chances, model.predict_proba([SERIES[:end]])[0], atol=1e-5)
            assert said["steps"] == end and said["final"] is False
        last = told(client, {"end": True})
        with pytest.raises(ConnectionClosed) as closed:
            client.recv(30)
    assert last == {**said, "final": True}
    assert closed.value.rcvd is not None and closed.value.rcvd.code == 1000


def test_numbers_are_streamed_too(numbers: tuple[Server, SeriesModel]) -> None:
    server, model = numbers
    with opened(server) as client:
        said = told(client, {"steps": [[1, None, 2]]})
        assert said["number"] == pytest.approx(float(model.predict([[[1, np.nan, 2]]])[0]), abs=1e-5)
        error = told(client, {"steps": [[1, 2, 3]] * 30})["error"]
    assert error["message"] == "A stream may have 30 steps. Open another one for what follows."


@pytest.mark.parametrize(
    ("messages", "word"),
    [
        (['{"end": true}'], "before its first step"),
        (["secret"], "A message is JSON"),
        ([b"secret"], "A message is JSON"),
        (["[1]"], "A message is JSON"),
        (['{"end": 1}'], "A message is JSON"),
        (['{"steps": []}'], "A message is JSON"),
        (['{"steps": "secret"}'], "A message is JSON"),
        (['{"steps": [[1, 2, 3]], "end": true}'], "A message is JSON"),
        (['{"steps": [[1, 2]]}'], "steps.0 has 2 values"),
        (['{"steps": [[1, 2, 3], [1, 2, "secret"]]}'], "steps.1.2 must be a number"),
        (['{"steps": [[1, 2, 1e40]]}'], "beyond 1e30"),
        ([json.dumps({"steps": [[1, 2, 3]] * (MOST_STEPS + 1)})], "may have 2,000 steps"),
    ],
)
def test_messages_that_cannot_be_taken_close_the_socket_with_the_reason(
    labels: tuple[Server, SeriesModel], messages: list[Any], word: str
) -> None:
    with opened(labels[0]) as client:
        for message in messages:
            client.send(message)
        error = json.loads(client.recv(30))["error"]
        with pytest.raises(ConnectionClosed) as closed:
            client.recv(30)
    assert error["status"] == 1008 and word in error["message"] and "secret" not in error["message"]
    assert closed.value.rcvd is not None and closed.value.rcvd.code == 1008 and closed.value.rcvd.reason


def test_a_series_without_a_value_so_far_is_refused(labels: tuple[Server, SeriesModel]) -> None:
    with opened(labels[0]) as client:
        error = told(client, {"steps": [[None, None, None]]})["error"]
    assert "A series has no value" in error["message"]
