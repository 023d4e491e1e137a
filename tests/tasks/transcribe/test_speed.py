"""The real-time factor is the time that it took, divided by the seconds of sound."""

from __future__ import annotations

import pytest

from recurra.tasks.transcribe import speed
from recurra.tasks.transcribe.recording import Samples
from support.random_transcribers import made
from support.speech import RATE, spoken


def test_the_factor_is_time_over_sound(monkeypatch: pytest.MonkeyPatch) -> None:
    _, model = made()
    clock = iter([10.0, 10.5])
    monkeypatch.setattr(speed.time, "perf_counter", lambda: next(clock))
    sounds = [Samples(spoken("bad"), RATE), Samples(spoken("do"), RATE)]
    transcripts, found = speed.timed(model, sounds)
    assert len(transcripts) == 2
    assert found["seconds"] == pytest.approx(sum(len(sound.values) for sound in sounds) / RATE)
    assert found["real_time_factor"] == pytest.approx(0.5 / found["seconds"])


def test_no_sound_has_no_factor() -> None:
    assert speed.timed(made()[1], []) == ([], {"seconds": 0, "real_time_factor": None})
