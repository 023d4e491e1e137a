"""An explanation finds the tone that a letter was written from, however late the letter is written."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from recurra.errors import OptionError, ReadError
from recurra.tasks.transcribe.ctc import log_likelihood
from recurra.tasks.transcribe.explain import MOMENT, MOMENTS, explain, plain
from support.heard_tones import SILENCE, TONE, HeardTones, tones
from support.random_transcribers import made
from support.speech import RATE, spoken, write_wav


def recording(folder: Path, text: str) -> str:
    return str(write_wav(folder / "tones.wav", tones(text)))


@pytest.mark.parametrize("late", [0, 8])
def test_what_carried_a_letter_is_its_tone_and_not_where_it_was_written(tmp_path: Path, late: int) -> None:
    model = HeardTones(late)
    found = explain(model, recording(tmp_path, "abca"))  # type: ignore[arg-type]
    assert found.text == "abca" and not found.given and found.whole
    step = model.front_end.seconds(1) - model.front_end.seconds(0)
    for place, one in enumerate(found.characters):
        begin = SILENCE + place * (SILENCE + TONE)
        assert one.start == pytest.approx(begin + late * step, abs=0.04)
        assert one.carried is not None
        start, end = one.carried
        assert begin - 2 * MOMENT <= start < begin + TONE and begin < end <= begin + TONE + 2 * MOMENT
        assert one.probability > 0.99
    assert [one.text for one in found.characters] == list("abca")
    assert found.losses.shape == (4, len(found.moments)) and found.text_losses.shape == (len(found.moments),)
    silent = found.moments[:, 1] < SILENCE - 2 * MOMENT
    assert silent.any() and np.abs(found.losses[:, silent]).max() < 0.05


def test_moments_are_the_whole_sound_and_not_more_than_so_many(tmp_path: Path) -> None:
    for letters in (1, 60):
        found = explain(HeardTones(), recording(tmp_path, "ab" * letters))  # type: ignore[arg-type]
        assert len(found.moments) <= MOMENTS
        assert found.moments[0, 0] == found.ends[0] and found.moments[-1, 1] == found.ends[-1]
        np.testing.assert_array_equal(found.moments[1:, 0], found.moments[:-1, 1])
        assert found.levels.shape == (len(found.ends) - 1, 16)
        assert found.levels.min() == 0 and found.levels.max() == 1
    assert not found.whole and found.seconds < 30 < len(tones("ab" * 60)) / RATE


def test_another_text_is_less_likely_and_is_aligned(tmp_path: Path) -> None:
    path = recording(tmp_path, "abc")
    own = explain(HeardTones(), path)  # type: ignore[arg-type]
    given = explain(HeardTones(), path, "AC")  # type: ignore[arg-type]
    assert given.given and given.text == "ac"
    assert given.log_probability < own.log_probability - 5
    assert given.characters[1].probability > 0.9
    same = explain(HeardTones(), path, "abc")  # type: ignore[arg-type]
    assert same.log_probability == pytest.approx(own.log_probability)


def test_a_text_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    path = recording(tmp_path, "a")
    with pytest.raises(OptionError, match="cannot write 'xy', which --target has"):
        explain(HeardTones(), path, "axy")  # type: ignore[arg-type]
    with pytest.raises(OptionError, match="--target has more characters than fit into"):
        explain(HeardTones(), path, "ab" * 200)  # type: ignore[arg-type]
    with pytest.raises(ReadError, match="absent"):
        explain(HeardTones(), str(tmp_path / "absent.wav"))  # type: ignore[arg-type]


def test_values_are_json_and_name_what_else_was_likely(tmp_path: Path) -> None:
    _, model = made(rate=RATE)
    path = str(write_wav(tmp_path / "noise.wav", spoken("bad idea")))
    found = explain(model, path, "bad cab")
    values = json.loads(json.dumps(plain(found), allow_nan=False))
    assert (values["path"], values["text"], values["given"], values["whole"]) == (path, "bad cab", True, True)
    assert [word["text"] for word in values["words"]] == ["bad", "cab"]
    (log_probs,) = model.log_probabilities([model.front_end(spoken("bad idea"))])
    symbols = model.alphabet.symbols("bad cab")
    assert symbols is not None
    assert values["log_probability"] == pytest.approx(log_likelihood(log_probs, symbols), abs=0.05)  # of 16-bit samples
    for one in values["characters"]:
        assert len(one["losses"]) == len(values["moments"])
        assert 1 <= len(one["rivals"]) <= 2
        assert one["text"] not in [rival["text"] for rival in one["rivals"]]


def test_nothing_understood_is_explained_too(tmp_path: Path) -> None:
    found = explain(HeardTones(), recording(tmp_path, ""))  # type: ignore[arg-type]
    assert (found.text, found.words, found.characters) == ("", (), ())
    assert found.losses.shape == (0, len(found.moments))
    json.dumps(plain(found), allow_nan=False)
