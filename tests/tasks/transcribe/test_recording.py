"""What can be heard: files, parts of them, and samples of any rate."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from recurra.errors import OptionError, ReadError
from recurra.tasks.transcribe.recording import Recording, Samples, recordings
from support.speech import RATE, spoken, write_wav

pytest.importorskip("soundfile")


def heard(sound: Recording | Samples, rate: int = RATE) -> np.ndarray:
    return np.concatenate(list(sound.blocks(rate)))


def test_a_file_and_its_samples_are_the_same_sound(tmp_path: Path) -> None:
    samples = spoken("bad idea")
    path = write_wav(tmp_path / "a.wav", samples)
    np.testing.assert_allclose(heard(Recording(path)), samples, atol=1e-4)
    np.testing.assert_array_equal(heard(Samples(samples, RATE)), samples)
    part = heard(Recording(path, start=0.1, end=0.3))
    np.testing.assert_allclose(part, samples[800:2400], atol=1e-4)
    with path.open("rb") as file:
        np.testing.assert_allclose(heard(Recording(file)), samples, atol=1e-4)


def test_channels_are_averaged_and_rates_changed() -> None:
    rng = np.random.default_rng(0)
    stereo = rng.uniform(-0.5, 0.5, (4_000, 2))
    np.testing.assert_allclose(heard(Samples(stereo, RATE)), stereo.mean(axis=1), atol=1e-6)
    tone = np.sin(2 * np.pi * 300 * np.arange(16_000) / 16_000)
    found = heard(Samples(tone, 16_000))
    assert len(found) == pytest.approx(8_000, abs=2)
    np.testing.assert_allclose(found[500:7_500], tone[::2][500:7_500], atol=0.02)


@pytest.mark.parametrize("values", [np.zeros(0), np.zeros((2, 2, 2)), np.array([0.1, np.nan]), np.float32(1)])
def test_what_is_no_sound_is_refused(values: np.ndarray) -> None:
    with pytest.raises(OptionError, match="Samples must be"):
        heard(Samples(values, RATE))


def test_a_list_is_needed_and_every_item_is_checked() -> None:
    sounds = list(recordings(["a.wav", Path("b.wav"), Samples(np.ones(1), RATE), Recording("c.wav")]))
    assert [type(sound).__name__ for sound in sounds] == ["Recording", "Recording", "Samples", "Recording"]
    for alone in ("a.wav", Path("a.wav"), Samples(np.ones(1), RATE), np.ones(3)):
        with pytest.raises(OptionError, match=r"list|Item 0"):
            list(recordings(alone))  # type: ignore[arg-type]
    with pytest.raises(OptionError, match="Item 1"):
        list(recordings(["a.wav", 3]))  # type: ignore[list-item]
    with pytest.raises(ReadError, match="nowhere"):
        heard(Recording("nowhere.wav"))
