"""What is printed of a tagger: scores of words and spans, each tag by its number, and answers that are no commands."""

from __future__ import annotations

import pytest

from recurra.tasks.tag.terminal import print_answer, print_evaluation, print_training
from support.printed import printed
from support.written_models import written_metrics


def test_spans_are_scored_only_where_there_are_some() -> None:
    metrics = written_metrics("tag")
    assert "F1 of spans" not in printed(print_training, metrics)
    test = {**metrics["test"], "f1": 0.5, "f1_ci95": [0.4, 0.6]}
    baseline = {**metrics["baseline"], "f1": 0.25}
    text = printed(print_training, {**metrics, "test": test, "baseline": baseline})
    assert "Held-out F1 of spans 50.0% (95 % interval 40.0% to 60.0%)" in text
    assert "Baseline F1 of spans 25.0%" in text


def test_tags_come_by_falling_number() -> None:
    result = written_metrics("tag")["test"]
    lines = printed(print_evaluation, result).splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("Label"))
    rows = sorted(result["per_class"], key=lambda row: -row["support"])
    assert [line.split()[0] for line in lines[start + 1 : start + 1 + len(rows)]] == [row["label"] for row in rows]


def test_an_answer_is_words_with_their_tags(capsys: pytest.CaptureFixture[str]) -> None:
    print_answer({"tokens": ["the", "d\x1bg"], "tags": ["DET", "NOUN"]})
    first, second = capsys.readouterr().out.split()
    assert first == "the/DET" and second.endswith("/NOUN") and "\x1b" not in second
