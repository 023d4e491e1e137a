"""A table of recordings is written again with what is said in each, and a stopped run goes on."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

import recurra
from recurra.errors import OptionError, OutputError, ReadError
from recurra.tasks.transcribe.model import Transcriber
from recurra.tasks.transcribe.options import TranscribePredictOptions
from recurra.tasks.transcribe.predict_file import predict_file
from recurra.terminal.progress import Reporter
from support.speech import WORDS, write_speech
from support.written_models import MODELS

pytest.importorskip("soundfile")
QUIET = Reporter(quiet=True)
OPTIONS = TranscribePredictOptions()


@pytest.fixture(scope="module")
def model() -> Transcriber:
    return recurra.load(MODELS / "transcribe", task="transcribe")


@pytest.fixture(scope="module")
def listing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_speech(tmp_path_factory.mktemp("speech"), [*WORDS * 4], name="list.csv", seed=900)


def test_a_table_keeps_its_columns_and_gets_the_texts(listing: Path, model: Transcriber, tmp_path: Path) -> None:
    output = tmp_path / "answers.csv"
    counts = predict_file(model, str(listing), output, OPTIONS, reporter=QUIET)
    assert counts["rows"] == 20 and counts["silent_rows"] == 0 and counts["output"] == str(output)
    with output.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["path", "transcript", "text", "confidence", "seconds"]
    assert sum(row["text"] == row["transcript"] for row in rows) >= 18
    assert all(0 <= float(row["confidence"]) <= 1 and 0.2 < float(row["seconds"]) < 1 for row in rows)
    with pytest.raises(OutputError, match=r"exists already.*--overwrite"):
        predict_file(model, str(listing), output, OPTIONS, reporter=QUIET)


def test_other_formats_hold_the_same(listing: Path, model: Transcriber, tmp_path: Path) -> None:
    output = tmp_path / "answers.jsonl"
    predict_file(model, str(listing), output, OPTIONS, reporter=QUIET)
    rows = [json.loads(line) for line in output.read_text(encoding="utf-8").splitlines()]
    assert len(rows) == 20 and isinstance(rows[0]["confidence"], float)


def test_what_is_no_sound_stops_the_run_with_its_name_and_nothing_lost(
    listing: Path, model: Transcriber, tmp_path: Path
) -> None:
    broken = listing.with_name("broken.csv")
    (listing.parent / "text.wav").write_text("no sound")
    broken.write_text(listing.read_text() + "text.wav,do\n")
    with pytest.raises(ReadError, match=r"text\.wav cannot be read as sound"):
        predict_file(model, str(broken), tmp_path / "answers.csv", OPTIONS, reporter=QUIET)
    assert not (tmp_path / "answers.csv").exists()


def test_subtitles_are_refused(listing: Path, model: Transcriber, tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="--subtitles is for recordings given one by one"):
        predict_file(model, str(listing), tmp_path / "a.csv", TranscribePredictOptions(subtitles="srt"), reporter=QUIET)


def test_a_run_does_not_go_on_with_another_list_of_words(
    listing: Path, model: Transcriber, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("recurra.tasks.transcribe.predict_file.PIECE_ROWS", 4)
    monkeypatch.setattr("recurra.tasks.transcribe.predict_file.PART_ROWS", 4)
    broken, output, words = listing.with_name("stopped.csv"), tmp_path / "answers.csv", tmp_path / "words.txt"
    (listing.parent / "text.wav").write_text("no sound")
    broken.write_text(listing.read_text() + "text.wav,do\n")
    options = TranscribePredictOptions(word_list=str(words))
    for resume, listed, kind, message in (
        (False, "do\nbad\n", ReadError, r"text\.wav"),
        (True, "do\nbad\n", ReadError, r"text\.wav"),
        (True, "do\noboe\n", OutputError, "cannot be continued.*word_list"),
    ):
        words.write_text(listed)
        with pytest.raises(kind, match=message):
            predict_file(model, str(broken), output, options, resume=resume, reporter=QUIET)
