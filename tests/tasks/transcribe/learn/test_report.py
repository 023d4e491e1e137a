"""The transcriber's page and card: made from any part of the metrics, with every text escaped."""

from __future__ import annotations

from typing import Any

import pytest

from recurra.tasks.transcribe.learn.report import model_card, render, report_page
from recurra.tasks.transcribe.metrics import compare_transcripts, score_transcripts
from support.outline import Outline, assert_harmless

EVIL = "<script>alert(1)</script>"
SAID = ["one two", "three", f"four {EVIL}", "five"]
HEARD = ["one too", "three", "four", "five six"]
BASELINE = ["nine", "nine", "nine", "nine"]
SPEAKERS = ["a", EVIL, "a", "b"]


def metrics(**changes: Any) -> dict[str, Any]:
    test = score_transcripts(SAID, HEARD, SPEAKERS) | {"real_time_factor": 0.01, "seconds": 3.0}
    baseline = score_transcripts(SAID, BASELINE, SPEAKERS)
    return {
        "task": "transcribe",
        "test": test,
        "data": {"name": EVIL, "speakers": 3},
        "split": {"how": "by hand"},
        "baseline": {"name": "nearest template", **{name: baseline[name] for name in ("wer", "wer_ci95")}},
        "paired": compare_transcripts(SAID, HEARD, BASELINE, SPEAKERS),
        "mistakes": [{"recording": EVIL, "speaker": EVIL, "reference": EVIL, "answer": "", "errors": 3}],
        "config": {"cell": "lstm", "direction": "both"},
        "history": [{"epoch": 1, "train_loss": 2.0, "valid_loss": 1.0, "valid_cer": 0.5, "seconds": 1.0}],
        **changes,
    }


def test_the_page_shows_errors_speakers_and_confusions_and_runs_nothing() -> None:
    page = render(metrics())
    for part in ("Word error rate", "Confusions", "Speakers", "Recordings with the most errors", "Words left out"):
        assert part in page
    assert_harmless(page)
    assert EVIL in Outline(page).text
    text = Outline(page).text.replace("\N{NO-BREAK SPACE}", " ")
    assert "1 were replaced, 1 left out, and 1 were added" in text
    assert "3 speakers that it did not know" in text
    assert "\\<script" in model_card(metrics())


def verdict(wer: float, difference: float | None, p_value: float = 0.001) -> tuple[str, str]:
    whole = metrics()
    whole["test"]["wer"] = wer
    whole["paired"] = None if difference is None else {**whole["paired"], "difference": difference, "p_value": p_value}
    found = report_page(whole).verdict
    return found.tone, found.headline


def test_the_headline_follows_from_the_scores() -> None:
    assert verdict(0.05, -0.2)[0] == "good"
    assert verdict(0.05, -0.2, 0.4)[0] == "even"
    assert verdict(0.05, 0.2)[0] == "bad"
    assert verdict(0.7, -0.2)[0] == "bad"
    assert verdict(0.05, None)[0] == "even"


@pytest.mark.parametrize("missing", ["test", "baseline", "paired", "mistakes", "split", "data", "config", "history"])
def test_any_part_may_be_missing(missing: str) -> None:
    whole = metrics()
    del whole[missing]
    assert "transcriber" in render(whole)
    assert model_card(whole)


def test_without_speakers_the_page_warns() -> None:
    page = render(metrics(data={"name": "list.csv", "speakers": 0}))
    assert "the same voices may be in training and held out" in page
