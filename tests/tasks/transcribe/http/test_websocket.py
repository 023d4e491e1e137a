"""One WebSocket is one stream of sound: the transcript of the whole at its end, and refusals with the reason."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

import recurra
from recurra.tasks.transcribe.model import Transcriber
from recurra.tasks.transcribe.predict import plain
from recurra.tasks.transcribe.recording import Samples
from support.live_models import write_transcriber
from support.live_server import Server, Starter, ended_well, start_server
from support.speech import WORDS, spoken
from support.waiting import until

KEY = "0123456789abcdef-of-the-sound"


@pytest.fixture(scope="module", params=["forward", "both"])
def streaming(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Any]]:
    """A server of a model that reads forward, or both ways, and that model."""
    folder = tmp_path_factory.mktemp("streaming")
    directory = write_transcriber(folder / "model", direction=request.param, seed=3)
    running = start_server(directory, folder / "errors", "--max-seconds", "40")
    yield running, recurra.load(directory)
    ended_well(running)


def opened(server: Server, **more: Any) -> ClientConnection:
    return connect(f"ws://{server.host}:{server.port}/transcribe/stream", max_size=None, **more)


def pcm(seconds: float, seed: int = 0, rate: int = 8000) -> NDArray[np.int16]:
    rng, parts = np.random.default_rng(seed), [np.zeros(0, np.float32)]
    while sum(map(len, parts)) < seconds * rate:
        parts.append(spoken(str(rng.choice(WORDS)), int(rng.integers(99)), rate))
    return (32767 * np.concatenate(parts)[: round(seconds * rate)]).astype("<i2")


def told(client: ClientConnection, message: Any) -> Any:
    client.send(message if isinstance(message, bytes) else json.dumps(message))
    return json.loads(client.recv(60))


@pytest.mark.parametrize(("seconds", "rate"), [(6, 16_000), (33, 8000)])
def test_the_end_is_the_transcript_of_the_whole(streaming: tuple[Server, Any], seconds: float, rate: int) -> None:
    server, model = streaming
    sound, rng = pcm(seconds, 1, rate), np.random.default_rng(0)
    with opened(server) as client:
        client.send(json.dumps({"rate": rate}))
        heard = [told(client, part.tobytes()) for part in np.split(sound, np.sort(rng.integers(0, len(sound), 9)))]
        last = told(client, {"end": True})
        with pytest.raises(ConnectionClosed) as closed:
            client.recv(30)
    assert closed.value.rcvd is not None and closed.value.rcvd.code == 1000
    whole = plain(model.transcribe([Samples(sound.astype(np.float32) / 32768, rate)])[0])
    assert last["final"] is True and last["text"] == whole["text"] and len(last["words"]) > 1
    assert [word["text"] for word in last["words"]] == [word["text"] for word in whole["words"]]
    assert last["seconds"] == pytest.approx(whole["seconds"]) and last.keys() == {*whole, "final"}
    assert all(one.keys() == {"stable", "changing", "seconds", "final"} and not one["final"] for one in heard)
    assert heard[-1]["seconds"] == pytest.approx(seconds)
    assert all(last["text"].startswith(one["stable"]) for one in heard)
    assert sum(bool(one["stable"] + one["changing"]) for one in heard) > 4
    assert bool(heard[-1]["stable"]) == (seconds > 30)


@pytest.mark.parametrize(
    ("messages", "word"),
    [
        (['{"rate": 10}'], "rate must be from"),
        (['{"rate": 8000.0}'], "first message"),
        (['{"rate": true}'], "first message"),
        (['{"rate": 8000, "end": true}'], "first message"),
        (["secret"], "first message"),
        ([b"secret"], "first message"),
        (['{"end": true}'], "first message"),
        (['{"rate": 8000}', b"\0\0\0"], "even number"),
        (['{"rate": 8000}', '{"rate": 8000}'], "After the rate"),
        (['{"rate": 8000}', '{"end": false}'], "After the rate"),
        (['{"rate": 8000}', '{"end": 1}'], "After the rate"),
        (['{"rate": 8000}', "secret"], "After the rate"),
        (['{"rate": 8000}', b"\0" * 16_000 * 41], "at most|may last 40 s"),
    ],
)
def test_messages_that_cannot_be_taken_close_the_socket_with_the_reason(
    streaming: tuple[Server, Any], messages: list[Any], word: str
) -> None:
    server, _ = streaming
    with opened(server) as client:
        for message in messages:
            client.send(message)
        error = json.loads(client.recv(30))["error"]
        with pytest.raises(ConnectionClosed) as closed:
            client.recv(30)
    assert error["status"] == 1008 and any(part in error["message"] for part in word.split("|"))
    assert "secret" not in error["message"]
    assert closed.value.rcvd is not None and closed.value.rcvd.code == 1008 and closed.value.rcvd.reason


def test_no_sound_has_no_words(streaming: tuple[Server, Any]) -> None:
    server, _ = streaming
    with opened(server) as client:
        client.send('{"rate": 48000}')
        assert told(client, b"") == {"stable": "", "changing": "", "seconds": 0.0, "final": False}
        last = told(client, {"end": True})
    assert last == {"text": "", "words": [], "confidence": None, "seconds": 0.0, "final": True}


def test_streams_are_limited_guarded_and_free_their_places(tmp_path: Path, start: Starter) -> None:
    keys = tmp_path / "keys"
    keys.write_text(KEY)
    keys.chmod(0o600)
    limits = ("--max-streams", "1", "--idle", "2", "--api-key-file", str(keys))
    server = start(write_transcriber(tmp_path / "model", direction="forward"), *limits)
    key = {"Authorization": f"Bearer {KEY}"}

    def refused(status: int, **more: Any) -> None:
        with pytest.raises(InvalidStatus) as refusal:
            opened(server, **more)
        assert refusal.value.response.status_code == status

    refused(401)
    refused(403, additional_headers=key, origin="http://elsewhere.example")
    with opened(server, additional_headers=key, subprotocols=["recurra"]) as client:
        assert client.subprotocol == "recurra"
        refused(429, additional_headers=key)
        assert json.loads(client.recv(30))["error"]["code"] == "idle"
    until(lambda: server.figure("recurra_streams ", key) == 0, "the place is free")
    with opened(server, additional_headers=key) as client:
        client.send('{"rate": 8000}')
        told(client, pcm(1).tobytes())
        assert server.stop() == 0  # a stream does not hold up the end
        with pytest.raises(ConnectionClosed):
            client.recv(30)
    assert "GET /transcribe/stream 101" in server.log()
    ended_well(server)


def test_the_model_is_that_of_the_moment_when_the_stream_began(streaming: tuple[Server, Transcriber]) -> None:
    server, model = streaming
    with opened(server) as one, opened(server) as other:
        for client in (one, other):
            client.send('{"rate": 8000}')
        halves = np.array_split(pcm(3, 5), 2)
        for half in halves:
            texts = [told(client, half.tobytes()) for client in (one, other)]
            assert texts[0] == texts[1]
        whole = model.transcribe([Samples(np.concatenate(halves).astype(np.float32) / 32768, 8000)])[0].text
        assert told(one, {"end": True})["text"] == told(other, {"end": True})["text"] == whole
