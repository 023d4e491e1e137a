"""Evaluation of a loaded transcriber: the scores of its transcripts, in the form in which it learnt them."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from recurra.errors import ReadError
from recurra.tasks.transcribe.evaluate import evaluate
from recurra.tasks.transcribe.metrics import score_transcripts
from recurra.tasks.transcribe.options import TranscribeEvaluateOptions
from recurra.terminal.progress import Reporter
from support.random_transcribers import made
from support.speech import spoken, write_wav

pytest.importorskip("soundfile")
QUIET = Reporter(quiet=True)


def test_scores_are_those_of_its_transcripts(tmp_path: Path) -> None:
    _, model = made()
    paths = [write_wav(tmp_path / f"{number}.wav", spoken("bad do", number)) for number in range(5)]
    said = ["Bad, A!", "c d", "b", "", "a  b"]
    with (tmp_path / "list.csv").open("w", newline="", encoding="utf-8") as file:
        rows = [
            [path.name, text or "-", str(number % 2)]
            for number, (path, text) in enumerate(zip(paths, said, strict=True))
        ]
        csv.writer(file).writerows([["path", "transcript", "speaker"], *rows])
    result = evaluate(model, str(tmp_path / "list.csv"), TranscribeEvaluateOptions(), QUIET)
    answers = [one.text for one in model.transcribe(paths)]
    expected = score_transcripts(["bad a", "c d", "b", "", "a b"], answers, ["0", "1", "0", "1", "0"])
    assert {name: result[name] for name in expected} == expected
    assert result["seconds"] > 1 and result["real_time_factor"] > 0


def test_a_missing_recording_is_named(tmp_path: Path) -> None:
    _, model = made()
    (tmp_path / "list.csv").write_text("path,transcript\nnowhere.wav,do\n")
    with pytest.raises(ReadError, match=r"nowhere\.wav"):
        evaluate(model, str(tmp_path / "list.csv"), TranscribeEvaluateOptions(), QUIET)
