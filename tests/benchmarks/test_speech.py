from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import speech

soundfile = pytest.importorskip("soundfile")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    for speaker, loudness in (("anna", 0.5), ("ben", 0.005)):
        for digit in (0, 7):
            for number in (5, 14):
                sound = loudness * rng.uniform(-1, 1, 2_000)
                soundfile.write(tmp_path / f"{digit}_{speaker}_{number}.flac", sound, speech.RATE)
    return tmp_path


def test_takes_are_told_by_their_names(folder: Path) -> None:
    found = speech.takes(folder)
    assert len(found) == 8
    assert {take.word for take in found} == {"zero", "seven"}
    assert {take.speaker for take in found} == {"anna", "ben"}
    assert {take.number for take in found} == {5, 14}


def test_strings_are_of_the_takes_equally_loud_and_the_same_each_time(folder: Path) -> None:
    for speaker in ("anna", "ben"):
        own = [take for take in speech.takes(folder) if take.speaker == speaker]
        rows, again = (speech.write_strings(folder / f"{speaker}{run}", own, 12, 1) for run in (0, 1))
        for (path, text, who), (other, same, _) in zip(rows, again, strict=True):
            assert path.read_bytes() == other.read_bytes()
            assert (text, who) == (same, speaker)
            words = text.split()
            assert speech.SHORTEST <= len(words) <= speech.LONGEST
            sound, rate = soundfile.read(path)
            pauses = len(sound) / rate - len(words) * 0.25
            assert 0.05 * (len(words) + 1) - 0.01 <= pauses <= 0.3 * (len(words) + 1)
            speech_share = len(words) * 0.25 * rate / len(sound)
            assert np.sqrt(np.mean(sound**2)) == pytest.approx(speech.LOUDNESS * np.sqrt(speech_share), rel=0.05)
