"""The page: complete, escaped, self-contained, and whole when parts are missing."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from recurra.tasks.multilabel.learn.report import render, rule_in_words
from support.labelled import LABELS
from support.outline import HOSTILE, Outline, assert_harmless


@pytest.fixture
def metrics(labelled_model: tuple[Path, dict[str, Any]]) -> dict[str, Any]:
    return copy.deepcopy(labelled_model[1])


def test_every_part_is_shown(metrics: dict[str, Any]) -> None:
    mistake = {"row": 3, "text": "some text", "truth": ["food"], "given": [], "wrong": [],
               "missing": [{"label": "food", "probability": 0.2}]}  # fmt: skip
    metrics["mistakes"] = [mistake]
    metrics["ensemble"] = {"members": [{"seed": 7, "valid": {"micro_f1": 0.5, "log_loss": 0.1}}]}
    page = Outline(render(metrics))
    headings = (
        "How it learned",
        "Label by label",
        "Thresholds",
        "When to trust a probability",
        "What its members are worth",
        "What it gets most wrong",
        "How the baseline was chosen",
        "Data quality",
        "All the numbers",
    )
    for words in (*headings, "(chosen)", "0.5 for all labels", "rows without any label", "Macro average precision"):
        assert words in page.text, words
    for words in LABELS:
        assert words in page.text, words
    assert sum(tag == "h1" for tag, _ in page.tags) == 1


def test_user_text_stays_text_and_nothing_is_loaded(metrics: dict[str, Any]) -> None:
    metrics["labels"][0] = metrics["test"]["per_label"][0]["label"] = HOSTILE
    metrics["hygiene"]["findings"].append(HOSTILE)
    metrics["command"] = metrics["data"]["name"] = metrics["data"]["how"] = HOSTILE
    metrics["baseline"]["name"] = HOSTILE
    metrics["mistakes"] = [
        {"row": 1, "text": HOSTILE, "truth": [HOSTILE], "given": [HOSTILE], "missing": [],
         "wrong": [{"label": HOSTILE, "probability": 0.9}]}
    ]  # fmt: skip
    source = render(metrics)
    assert_harmless(source)
    assert "{{ 7 * 7 }}" in Outline(source).text


def test_many_labels_are_folded_the_weakest_first(metrics: dict[str, Any]) -> None:
    label = metrics["test"]["per_label"][0]
    metrics["test"]["per_label"] = [{**label, "label": f"name{n:02}", "f1": n / 40} for n in range(40)]
    text = Outline(render(metrics)).text
    assert text.index("name00") < text.index("name24") < text.index("The other 15 labels") < text.index("name25")


@pytest.mark.parametrize(
    "gone", ["test", "baseline", "paired", "thresholds", "hygiene", "history", "mistakes", "valid"]
)
def test_a_part_that_is_missing_is_left_out(metrics: dict[str, Any], gone: str) -> None:
    metrics[gone] = None
    assert render(metrics).startswith("<!doctype html>")


def test_the_rule_of_the_thresholds_in_words() -> None:
    values = [0.2, 0.4]
    assert rule_in_words({"values": [0.3, 0.3], "weight": None, "common": 0.3}) == (
        "The threshold of every label is 0.3."
    )
    assert "over all labels together" in rule_in_words({"values": [0.3, 0.3], "weight": "all", "common": 0.3})
    drawn = rule_in_words({"values": values, "weight": 10.0, "common": 0.31})
    assert "common one of 0.310, which counts as much as 10 rows" in drawn and "between 0.200 and 0.400" in drawn
    assert "whatever the others have" in rule_in_words({"values": values, "weight": 0.0, "common": 0.31})
