"""Words told apart by their sound."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from recurra.tasks.transcribe.audio import read_audio
from recurra.tasks.transcribe.features import FrontEnd
from recurra.tasks.transcribe.learn.baseline import LONGEST, cepstra, fit_templates

RECORDINGS = Path(os.environ.get("RECURRA_DATA", "../shared/data")) / "fsdd" / "recordings"
RATE = 8000
FRONT_END = FrontEnd(rate=RATE, mels=23)


def test_cepstra_have_mean_0_and_deviation_1() -> None:
    log_mel = np.random.default_rng(0).normal(size=(60, 23)).astype(np.float32)
    found = cepstra(log_mel)
    assert found.shape == (30, 26)
    louder = cepstra(log_mel + np.linspace(0, 5, 23, dtype=np.float32))
    np.testing.assert_allclose(found, louder, atol=1e-3)
    assert np.isfinite(cepstra(log_mel[:1])).all()


def sound(word: str, rng: np.random.Generator) -> NDArray[np.float32]:
    """Two tones, the second higher or lower, at any pace and pitch."""
    pitch, times = rng.uniform(400, 600), rng.integers(1000, 2500, size=2)
    first, second = (pitch, 3 * pitch) if word == "up" else (3 * pitch, pitch)
    tones = [np.sin(2 * np.pi * f * np.arange(n) / RATE) for f, n in zip((first, second), times, strict=True)]
    return np.asarray(np.concatenate(tones) * 0.3 + rng.normal(scale=0.01, size=times.sum()), dtype=np.float32)


def test_words_are_told_apart_at_any_pace() -> None:
    rng = np.random.default_rng(0)
    words = ["up", "down"] * 10
    templates = fit_templates([(word, sound(word, rng)) for word in words], words, FRONT_END, seed=0)
    assert templates is not None
    assert len(templates) == 20
    assert [templates.nearest(sound(word, rng)) for word in words] == words
    assert templates.nearest(np.zeros(0, dtype=np.float32)) == ""
    assert templates.nearest(np.zeros(10, dtype=np.float32)) in ("up", "down")


def test_templates_are_drawn_evenly_and_silence_is_none() -> None:
    rng = np.random.default_rng(1)
    words = ["up"] * 50 + ["down"] * 4 + [""]
    recordings = [(word, sound(word or "up", rng)) for word in words]
    templates = fit_templates(iter(recordings), words, FRONT_END, seed=0)
    assert templates is not None
    assert len(templates) == 30 + 4


def test_other_data_have_no_such_baseline() -> None:
    samples = np.zeros(4000, dtype=np.float32)

    def fit(words: list[str], samples: NDArray[np.float32] = samples) -> object:
        return fit_templates([(word, samples) for word in words], words, FRONT_END, seed=0)

    assert fit(["one", "two"] * 3) is not None
    assert fit(["one", "two three"] * 3) is None
    assert fit([str(number) for number in range(101)] * 3) is None
    assert fit(["one", "two", "three"]) is None  # nothing is there twice
    assert fit(["", ""]) is None
    assert fit(["one", "two"] * 3, np.zeros((2 * LONGEST + 10) * 80, dtype=np.float32)) is None  # minutes, not words


def test_most_digits_of_an_unseen_voice_are_recognised() -> None:
    if not RECORDINGS.is_dir():
        pytest.skip("the Free Spoken Digit Dataset is not here; set RECURRA_DATA")
    paths = sorted(RECORDINGS.glob("*_5.flac")) + sorted(RECORDINGS.glob("*_6.flac"))
    sounds = [(path.stem.split("_"), read_audio(path, RATE)) for path in paths]
    learnt = [(digit, samples) for (digit, speaker, _), samples in sounds if speaker != "theo"]
    templates = fit_templates(learnt, [digit for digit, _ in learnt], FRONT_END, seed=0)
    assert templates is not None
    right = [templates.nearest(samples) == digit for (digit, speaker, _), samples in sounds if speaker == "theo"]
    assert len(right) == 20
    assert sum(right) >= 15
