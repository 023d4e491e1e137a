"""Recordings one by one: texts, times, subtitles, and the words that may be written."""

from __future__ import annotations

from pathlib import Path

import pytest

import recurra
from recurra.errors import OptionError, ReadError
from recurra.tasks.transcribe.model import Transcriber
from recurra.tasks.transcribe.options import TranscribePredictOptions
from recurra.tasks.transcribe.predict import transcribe_files
from support.speech import RATE, spoken, write_wav
from support.written_models import MODELS

pytest.importorskip("soundfile")


@pytest.fixture(scope="module")
def model() -> Transcriber:
    return recurra.load(MODELS / "transcribe", task="transcribe")


def test_an_answer_has_the_text_and_the_times_of_its_words(model: Transcriber, tmp_path: Path) -> None:
    samples = spoken("idea", 3)
    path = write_wav(tmp_path / "said.wav", samples)
    (answer,) = transcribe_files(model, [str(path)], TranscribePredictOptions())
    assert answer["text"] == "idea" and answer["path"] == str(path)
    assert answer["seconds"] == pytest.approx(len(samples) / RATE)
    (word,) = answer["words"]
    assert word["text"] == "idea" and 0 <= word["start"] < word["end"] <= answer["seconds"]
    assert answer["confidence"] == word["confidence"] <= 1


def test_subtitles_are_there_where_asked_for(model: Transcriber, tmp_path: Path) -> None:
    path = str(write_wav(tmp_path / "said.wav", spoken("aid", 4)))
    (answer,) = transcribe_files(model, [path], TranscribePredictOptions(subtitles="srt"))
    assert answer["subtitles"].startswith("1\n00:00:00,") and "aid" in answer["subtitles"]
    (answer,) = transcribe_files(model, [path], TranscribePredictOptions(subtitles="vtt"))
    assert answer["subtitles"].startswith("WEBVTT")


def test_word_lists_and_beams_are_options(model: Transcriber, tmp_path: Path) -> None:
    words = tmp_path / "words.txt"
    words.write_text("do\naid\n")
    path = str(write_wav(tmp_path / "said.wav", spoken("aid", 5)))
    for options in ({"word_list": str(words)}, {"word_list": "none"}, {"beam": 1}, {"beam": 40}):
        (answer,) = transcribe_files(model, [path], TranscribePredictOptions(**options))
        assert answer["text"] == "aid", options
    other = str(write_wav(tmp_path / "other.wav", spoken("idea", 6)))
    (answer,) = transcribe_files(model, [other], TranscribePredictOptions(word_list=str(words)))
    assert set(answer["text"].split()) <= {"do", "aid"}
    words.write_text("zebra\n")
    with pytest.raises(OptionError, match="zebra"):
        list(transcribe_files(model, [path], TranscribePredictOptions(word_list=str(words))))


def test_what_is_no_sound_is_named(model: Transcriber, tmp_path: Path) -> None:
    (tmp_path / "empty.wav").touch()
    with pytest.raises(ReadError, match=r"empty\.wav is empty"):
        list(transcribe_files(model, [str(tmp_path / "empty.wav")], TranscribePredictOptions()))
