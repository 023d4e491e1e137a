"""What is printed of a transcriber: scores, kinds of errors, speakers, and answers that are no commands."""

from __future__ import annotations

from typing import Any

import pytest

from recurra.tasks.transcribe.metrics import score_transcripts
from recurra.tasks.transcribe.terminal import inspection, print_answer, print_evaluation, print_training
from support.printed import printed

SPEAKERS = ["anna", "b\x1b[31mo", "anna", None]


def scores(speakers: list[str | None] | None = None) -> dict[str, Any]:
    return score_transcripts(
        ["one two", "three", "four five", "six"], ["one too", "three", "four", "six six"], speakers
    ) | {"real_time_factor": 0.0123, "seconds": 5.0}


def test_training_prints_the_error_and_the_baseline() -> None:
    text = printed(print_training, {"test": scores(), "baseline": {"name": "nearest", "wer": 0.75}})
    assert "Held-out word error rate 50.0%" in text and "Baseline word error rate 75.0% (nearest)" in text
    assert "Held-out character error rate" in text
    assert "6 words in 4 recordings; a second of speech takes 0.012 s" in text
    assert "Baseline" not in printed(print_training, {"test": scores(), "baseline": None})


def test_an_evaluation_prints_the_kinds_of_errors_and_each_speaker() -> None:
    text = printed(print_evaluation, scores(SPEAKERS))
    assert "Word error rate" in text and "50.00%" in text
    assert "1 word replaced, 1 left out, 1 added" in text
    assert "anna" in text and "\x1b[31m" not in text
    assert "Speaker" not in printed(print_evaluation, scores())


def test_an_answer_is_its_text_or_its_subtitles(capsys: pytest.CaptureFixture[str]) -> None:
    print_answer({"text": "one\x1b two"})
    assert "\x1b" not in capsys.readouterr().out
    print_answer({"text": "one", "subtitles": "1\n00:00:00,000 --> 00:00:01,000\none\n"})
    assert capsys.readouterr().out == "1\n00:00:00,000 --> 00:00:01,000\none\n"
    print_answer({"text": "", "subtitles": "one\x1b[31m\n"})
    assert capsys.readouterr().out == "one\\x1b[31m\n"


def test_inspection_says_what_it_reads_and_how_well() -> None:
    network = {
        "symbols": 28, "rate": 16_000, "layers": 2, "cell": "gru", "hidden": 64, "direction": "forward", "mels": 80,
        "stack": 3,
    }  # fmt: skip
    lines = inspection({"network": network, "metrics": {"test": scores(), "baseline": {"wer": 0.9}}})
    assert lines["Task"] == "transcribe: 27 characters, speech at 16,000 samples a second"
    assert lines["Network"].startswith("2 x GRU(64) forward")
    assert lines["Word error rate"].startswith("50.0%") and lines["Baseline"] == "90.0%"
    assert inspection({"network": network, "metrics": {}})["Word error rate"] == ""
