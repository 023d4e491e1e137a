"""Messages of any kind over the WebSocket of sound: sane answers, or a close with a reason."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st

from recurra.tasks.transcribe.recording import Samples
from support.damage import JSON, damaged
from support.fuzzing import fuzzed
from support.in_process import Closed, InProcess
from support.live_models import write_transcriber
from support.speech import spoken

pytest.importorskip("soxr")

SECRET = "zanzibar"
LONGEST = 3
"""Seconds that a stream may last."""
LETTERS = set(" abdeio")
RATES = (4000, 8000, 8000, 11025, 48_000)
SPEECH = (32767 * spoken("bad idea")).astype("<i2").tobytes()

sounds = st.one_of(
    st.tuples(st.integers(0, 3000), st.integers(0, 3000)).map(lambda ends: SPEECH[2 * min(ends) : 2 * max(ends)]),
    st.binary(max_size=40),
    st.sampled_from((b"", b"\0", b"\0\x80" * 400, b"\xff\x7f\0\x80" * 500, bytes(30_000))),
)
first = st.one_of(
    st.sampled_from(RATES).map(lambda rate: json.dumps({"rate": rate})),
    st.sampled_from(('{"rate": 0}', '{"rate": 8000.0}', '{"rate": true}', '{"rate": 8000, "rate": 4000}', "{}", "")),
    st.dictionaries(st.sampled_from(("rate", "end", SECRET)), JSON, max_size=2).map(json.dumps),
    damaged(b'{"rate": 8000}').map(lambda it: it.decode("utf-8", "replace")),
)
others = st.one_of(
    sounds, sounds, sounds, JSON.map(json.dumps), first,
    st.sampled_from(('{"end": true}', '{"end": 1}', '{"end": true, "rate": 8000}', "[1]", SECRET, "\ud83d")),
    damaged(b'{"end": true}').map(lambda it: it.decode("utf-8", "replace")),
)  # fmt: skip


@pytest.fixture(scope="module", params=["forward", "both"])
def app(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[InProcess]:
    directory = write_transcriber(tmp_path_factory.mktemp("apps") / "model", direction=request.param, seed=3)
    made = InProcess(directory, max_seconds=LONGEST)
    yield made
    made.close()


def is_sane(closed: Closed, messages: list[str | bytes]) -> None:
    """Check every message, and the code and the reason of the close."""
    assert closed.code in (None, 1000, 1008) and closed.status is None, closed
    assert "Traceback" not in closed.log and "failed" not in closed.log and SECRET not in closed.log, closed.log
    errors = [message["error"] for message in closed.messages if "error" in message]
    assert (closed.code == 1008) == bool(errors) and len(errors) <= 1
    for error in errors:
        assert error["status"] == 1008 and error["message"] and SECRET not in error["message"]
    given = 0
    answers = [message for message in closed.messages if "error" not in message]
    for answer, sound in zip(answers, messages[1:], strict=False):
        if answer["final"]:
            assert sound == messages[len(answers)] and not isinstance(sound, bytes)
            assert is_transcript(answer) and closed.code == 1000 and answer is closed.messages[-1]
        else:
            assert answer.keys() == {"stable", "changing", "seconds", "final"} and isinstance(sound, bytes)
            assert set(answer["stable"] + answer["changing"]) <= LETTERS
            given += len(sound) // 2
            assert math.isclose(answer["seconds"], given / json.loads(str(messages[0]))["rate"])
            assert answer["seconds"] <= LONGEST


def is_transcript(answer: Any) -> bool:
    """Return whether the words of a transcript are those of its text, one after the other in its time."""
    words = answer["words"]
    times = [time for word in words for time in (word["start"], word["end"])]
    return (
        " ".join(word["text"] for word in words) == answer["text"]
        and times == sorted(times)
        and all(-1e-6 <= time <= answer["seconds"] + 0.1 for time in times)
        and all(0 <= word["confidence"] <= 1 for word in words)
    )


@fuzzed(60, opening=first, messages=st.lists(others, max_size=6))
def test_messages(app: InProcess, opening: str, messages: list[str | bytes]) -> None:
    sent = [opening, *messages]
    is_sane(app.talk("/transcribe/stream", sent), sent)


@fuzzed(20, opening=st.binary(max_size=30), messages=st.lists(others, max_size=2))
def test_sound_without_a_rate(app: InProcess, opening: bytes, messages: list[str | bytes]) -> None:
    closed = app.talk("/transcribe/stream", [opening, *messages])
    is_sane(closed, [opening, *messages])
    assert closed.code == 1008


@fuzzed(30, rate=st.sampled_from(RATES), ends=st.lists(st.integers(0, len(SPEECH) // 2), max_size=6))
def test_the_end_is_the_transcript_of_the_whole(app: InProcess, rate: int, ends: list[int]) -> None:
    places = [0, *sorted(ends), len(SPEECH) // 2]
    parts = [SPEECH[2 * start : 2 * end] for start, end in pairwise(places)]
    sent = [json.dumps({"rate": rate}), *parts, '{"end": true}']
    closed = app.talk("/transcribe/stream", sent)
    is_sane(closed, sent)
    model = app.service.current_model().model
    (whole,) = model.transcribe([Samples(np.frombuffer(SPEECH, "<i2").astype(np.int16), rate)])
    assert closed.code == 1000 and len(closed.messages) == len(parts) + 1
    assert closed.messages[-1]["text"] == whole.text
