"""What is printed of a translator: scores with intervals, and translations."""

from __future__ import annotations

import pytest

from recurra.tasks.translate.terminal import print_answer, print_evaluation, print_training
from support.printed import printed
from support.written_models import written_metrics


def test_findings_that_were_reported_before_training_are_not_printed_again() -> None:
    metrics = {**written_metrics("translate"), "hygiene": {"findings": ["One."]}}
    text = printed(print_training, metrics)
    assert f"Held-out BLEU {metrics['test']['bleu']:.1f}" in text and "One." not in text


def test_each_score_has_its_interval() -> None:
    test = written_metrics("translate")["test"]
    text = printed(print_evaluation, test)
    low, high = test["chrf_ci95"]
    assert f"chrF {test['chrf']:.1f} {low:.1f} to {high:.1f}" in text
    assert f"{test['rows']:,} pairs" in text and test["bleu_signature"] in text


def test_a_translation_is_no_command(capsys: pytest.CaptureFixture[str]) -> None:
    print_answer({"translation": "a\x1b[2Jb"})
    assert "\x1b" not in capsys.readouterr().out


def test_one_text_has_no_interval_and_is_no_texts() -> None:
    metrics = written_metrics("translate")
    none = ("bleu_ci95", "chrf_ci95", "perplexity_ci95", "accuracy_ci95")
    test, baseline = (
        {**metrics[key], **dict.fromkeys(none), "rows": 1, "truncated": 1} for key in ("test", "baseline")
    )
    text = printed(print_training, {**metrics, "test": test, "baseline": baseline})
    assert "too few texts for an interval" in text and "; 1 text)" in text and "95 %" not in text
    told = printed(print_evaluation, test)
    assert f"BLEU {test['bleu']:.1f} -" in told and "One pair is too few for intervals" in told
    assert "1 pair;" in told and "1 text was cut." in told
