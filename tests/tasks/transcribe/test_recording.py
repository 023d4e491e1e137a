"""What can be heard: files, parts of them, and samples of any rate."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recurra.errors import OptionError, ReadError
from recurra.tasks.transcribe.recording import Recording, Samples, recordings
from support.speech import RATE, spoken, write_wav

soundfile = pytest.importorskip("soundfile")


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


def test_sixteen_bits_are_those_of_a_file(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "a.wav", spoken("aid"))
    values, rate = soundfile.read(path, dtype="int16")
    np.testing.assert_array_equal(heard(Samples(values, rate)), heard(Recording(path)))
    stereo = np.stack([values, np.zeros_like(values)], axis=1)
    np.testing.assert_array_equal(heard(Samples(stereo, rate)), heard(Recording(path)) / 2)


@pytest.mark.parametrize(
    "values",
    [
        *(np.zeros(0), np.zeros((2, 2, 2)), np.array([0.1, np.nan]), np.float32(1), np.array([0.1, -1e30])),
        *(np.zeros(5, dtype=complex), np.zeros(5, dtype=np.int64), np.array(["a"]), "text", None, [[0.1], [0.2, 0.3]]),
    ],
)
def test_what_is_no_sound_is_refused(values: Any) -> None:
    with pytest.raises(OptionError, match="Samples must be"):
        heard(Samples(values, RATE))


@pytest.mark.parametrize("rate", [0, -8000, 3999, 8000.0, "8000", None, True, 10**9])
def test_what_is_no_rate_is_refused(rate: Any) -> None:
    with pytest.raises(OptionError, match="rate must be"):
        heard(Samples(spoken("do"), rate))
    with pytest.raises(OptionError, match="rate must be"):
        heard(Samples(spoken("do"), rate), 16_000)


def test_a_rate_of_numpy_is_one() -> None:
    np.testing.assert_array_equal(heard(Samples(spoken("do"), np.int64(RATE))), spoken("do"))  # type: ignore[arg-type]


@pytest.mark.parametrize("change", [{"start": "a"}, {"end": True}, {"source": 12}, {"source": b"a.wav"}])
def test_what_is_no_part_of_a_file_is_refused(change: dict[str, Any], tmp_path: Path) -> None:
    path = write_wav(tmp_path / "a.wav", spoken("do"))
    with pytest.raises(OptionError, match=r"(must be a number|must be a path)"):
        heard(Recording(**{"source": path, **change}))
    with path.open(encoding="latin-1") as text, pytest.raises(OptionError, match="opened for bytes"):
        heard(Recording(text))  # type: ignore[arg-type]


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
