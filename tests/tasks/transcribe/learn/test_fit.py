"""What is chosen for a network that hears, and that it is refused where it cannot be."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from recurra.errors import OptionError, TrainingError
from recurra.tasks.transcribe.alphabet import Alphabet
from recurra.tasks.transcribe.learn.fit import Utterances, fit_transcriber, front_end_of, network_shape
from recurra.tasks.transcribe.learn.waveforms import Waveforms
from recurra.tasks.transcribe.model import Transcriber
from recurra.tasks.transcribe.options import TranscribeOptions
from recurra.tasks.transcribe.recording import Samples
from support.speech import RATE, TINY, spoken, texts


@pytest.mark.parametrize(
    ("rate", "direction", "mels", "level"),
    [(8_000, "both", 26, "utterance"), (16_000, "both", 40, "utterance"), (8_000, "forward", 26, "running")],
)
def test_the_front_end_goes_with_the_sound_and_the_direction(rate: int, direction: str, mels: int, level: str) -> None:
    options = TranscribeOptions(direction=direction)
    found = front_end_of(rate, options)
    assert (found.mels, found.level, found.changes) == (mels, level, direction == "both")
    shape = network_shape(found, 9, options)
    assert shape.inputs == found.width
    assert front_end_of(rate, TranscribeOptions(mels=33)).mels == 33


def test_the_exported_model_answers_as_the_network_and_the_same_seed_gives_the_same(tmp_path: Path) -> None:
    waveforms, said = Waveforms(tmp_path), texts(24)
    for seed, text in enumerate(said):
        waveforms.append(spoken(text, seed))
    options = TranscribeOptions(**{**TINY, "epochs": 2})
    alphabet = Alphabet.of(said)

    def part(rows: range) -> Utterances:
        return Utterances(np.array(rows), [said[row] for row in rows], np.array(rows) % 3)

    front_end = front_end_of(RATE, options)
    parts = part(range(20)), part(range(20, 24))
    one, other = (fit_transcriber(waveforms, *parts, alphabet, front_end, options) for _ in range(2))
    assert all((one.weights[name] == other.weights[name]).all() for name in one.weights)
    assert len(one.history) == one.epochs == 2
    (heard,) = Transcriber(one.shape, alphabet, one.graph).transcribe([Samples(waveforms[0], RATE)])
    assert heard.seconds == pytest.approx(len(waveforms[0]) / RATE)
    with pytest.raises(TrainingError, match="recordings to train on"):
        fit_transcriber(waveforms, part(range(20)), part(range(0)), alphabet, front_end, options)
    waveforms.close()


def test_a_network_that_is_too_large_is_refused() -> None:
    with pytest.raises(OptionError, match="cannot be built"):
        network_shape(front_end_of(RATE, TranscribeOptions()), 9, TranscribeOptions(hidden=8192, layers=16))
