"""`POST /transcribe`: the model's own words, whatever the file and however it is sent; limits; what is no sound."""

from __future__ import annotations

import base64
import io
import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

import recurra
from recurra.tasks.transcribe.http.upload import IN_MEMORY
from recurra.tasks.transcribe.model import Transcriber
from recurra.tasks.transcribe.predict import plain
from recurra.tasks.transcribe.recording import Recording
from recurra.tasks.transcribe.subtitles import write
from support.in_process import Answered, InProcess
from support.live_models import write_transcriber
from support.live_server import Server
from support.servers import Servers
from support.speech import WORDS, spoken, wav_bytes

WAV = [(b"content-type", b"audio/wav")]


def said(seconds: float, seed: int = 0, rate: int = 8000) -> NDArray[np.float32]:
    rng, parts = np.random.default_rng(seed), [np.zeros(0, np.float32)]
    while sum(map(len, parts)) < seconds * rate:
        parts.append(spoken(str(rng.choice(WORDS)), int(rng.integers(99)), rate))
    return np.concatenate(parts)[: round(seconds * rate)]


def encoded(samples: NDArray[np.float32], rate: int, form: str, kind: str | None = None) -> bytes:
    content = io.BytesIO()
    soundfile.write(content, samples, rate, format=form, subtype=kind)
    return content.getvalue()


@pytest.fixture(scope="module")
def model(servers: Servers) -> Any:
    assert servers["transcribe"]
    return recurra.load(servers.folder / "transcribe")


@pytest.fixture(scope="module")
def limited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InProcess]:
    directory = write_transcriber(tmp_path_factory.mktemp("model") / "model")
    app = InProcess(directory, max_upload=3 * IN_MEMORY, max_seconds=20, max_body=200_000)
    yield app
    app.close()


def expected(model: Transcriber, content: bytes, folder: Path) -> dict[str, Any]:
    (folder / "sound").write_bytes(content)
    return plain(model.transcribe([folder / "sound"])[0])


def alike(answer: Any, whole: dict[str, Any]) -> None:
    assert answer["text"] == whole["text"] and whole["words"]
    assert answer["seconds"] == pytest.approx(whole["seconds"])
    for one, other in itertools.zip_longest(answer["words"], whole["words"]):
        assert one["text"] == other["text"]
        assert [one[name] for name in ("start", "end", "confidence")] == pytest.approx(
            [other[name] for name in ("start", "end", "confidence")], abs=1e-4
        )


@pytest.mark.parametrize(
    ("form", "kind", "rate", "channels", "content_type"),
    [
        ("WAV", "PCM_16", 8000, 1, "audio/wav"),
        ("WAV", "FLOAT", 44_100, 2, "audio/x-wav; codecs=1"),
        ("FLAC", None, 16_000, 1, "application/octet-stream"),
        ("OGG", None, 22_050, 1, "video/ogg"),
        ("MP3", None, 44_100, 2, "Audio/MPEG"),
        ("WAV", "PCM_24", 8000, 1, ""),
    ],
)
def test_the_words_are_the_models_own(
    servers: Servers, model: Transcriber, tmp_path: Path, form: str, kind: str, rate: int, channels: int,
    content_type: str,
) -> None:  # fmt: skip
    samples = np.stack([said(4, 1, rate)] * channels, axis=1)
    content = encoded(samples, rate, form, kind)
    answer = servers["transcribe"].ask("POST", "/transcribe", content, {"Content-Type": content_type})
    assert answer.status == 200, answer.content
    assert answer.json["model"] == "transcribe"
    alike(answer.json, expected(model, content, tmp_path))


def test_json_subtitles_and_several_pieces(servers: Servers, model: Transcriber, tmp_path: Path) -> None:
    running = servers["transcribe"]
    content = wav_bytes(said(70, 2))
    whole = expected(model, content, tmp_path)
    assert whole["words"][-1]["start"] > 60
    alike(running.ask("POST", "/transcribe", content, {"Content-Type": "audio/wav"}).json, whole)
    short = wav_bytes(said(3, 2))
    alike(running.post("/transcribe", audio=base64.b64encode(short).decode()), expected(model, short, tmp_path))
    (transcript,) = model.transcribe([tmp_path / "sound"])
    for form, kind in (("srt", "text/plain; charset=utf-8"), ("vtt", "text/vtt; charset=utf-8")):
        answer = running.ask("POST", f"/transcribe?subtitles={form}", short, {"Content-Type": "audio/wav"})
        assert answer.status == 200 and answer.headers["content-type"] == kind
        assert answer.content.decode() == write(transcript.words, form)  # type: ignore[arg-type]
    answer = running.ask("POST", "/transcribe?subtitles=ass", short, {"Content-Type": "audio/wav"})
    assert answer.status == 422 and "subtitles" in answer.json["error"]["message"]


def test_a_large_recording_goes_through_a_file_and_a_full_house_says_so(limited: InProcess) -> None:
    samples = np.repeat(said(12, 3), 12)[: 2 * IN_MEMORY // 4]  # 96,000 samples a second
    large = encoded(samples, 96_000, "WAV", "FLOAT")
    assert IN_MEMORY < len(large) < 3 * IN_MEMORY
    (whole,) = limited.service.current_model().model.transcribe([_file(large)])
    for pieces in (1, 7):
        answer = limited.ask("POST", "/transcribe", large, WAV, pieces=pieces)
        assert answer.status == 200, answer.content
        alike(_json(answer), plain(whole))


def _file(content: bytes) -> Any:
    return Recording(io.BytesIO(content))


def _json(answer: Answered) -> Any:
    return json.loads(answer.content)


@pytest.mark.parametrize(
    ("content", "kind", "status", "word"),
    [
        (b"", b"audio/wav", 422, "empty"),
        (b"zanzibar " * 100, b"audio/wav", 422, "cannot be read as sound"),
        (wav_bytes(np.zeros(0, np.float32)), b"audio/wav", 422, "no samples"),
        (wav_bytes(said(2))[:-9000], b"audio/wav", 422, "breaks off"),
        (encoded(np.array([0.1, np.nan] * 900, np.float32), 8000, "WAV", "FLOAT"), b"", 422, "no sound"),
        (wav_bytes(said(20.5)), b"audio/wav", 422, "at most 20 s"),
        (encoded(np.zeros(21 * 8000, np.float32), 8000, "FLAC"), b"audio/flac", 422, "at most 20 s"),
        (wav_bytes(said(1)), b"text/plain", 415, "octet-stream"),
        (wav_bytes(said(1)), b"multipart/form-data", 415, "body"),
        (b"\0" * (3 * IN_MEMORY + 1), b"audio/wav", 413, "larger than"),
        (b'{"audio": "zanzibar!"}', b"application/json", 422, "base64"),
        (b'{"audio": "emFuemliYXI="}', b"application/json", 422, "cannot be read as sound"),
        (b'{"audio": ""}', b"application/json", 422, "audio"),
        (b'{"zanzi": 1}', b"application/json", 422, "audio"),
        (b'{"audio": 1', b"application/json", 400, "not JSON"),
        (b'{"audio": "' + b"A" * 200_000 + b'"}', b"application/json", 413, "larger than"),
    ],
)
def test_what_cannot_be_heard_is_said_in_a_sentence(
    limited: InProcess, content: bytes, kind: bytes, status: int, word: str
) -> None:
    for pieces in (1, 3):
        answer = limited.ask("POST", "/transcribe", content, [(b"content-type", kind)] if kind else [], pieces=pieces)
        message = _json(answer)["error"]["message"]
        assert answer.status == status and word in message and message[-1] in ".?!", message
        assert "zanzibar" not in message + answer.log and "tmp" not in message


def test_nothing_of_a_recording_is_logged(servers: Servers, model: Transcriber, tmp_path: Path) -> None:
    running: Server = servers["transcribe"]
    content = wav_bytes(said(2, 7))
    text = running.ask("POST", "/transcribe?subtitles=vtt", content, {"Content-Type": "audio/wav"}).content.decode()
    assert "-->" in text
    log = running.log()
    assert "POST /transcribe 200" in log and "vtt" not in log
    assert expected(model, content, tmp_path)["text"] not in log
