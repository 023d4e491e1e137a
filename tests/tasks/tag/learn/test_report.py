"""The tagger's page and card: made from any part of the metrics, with every text escaped."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from recurra.tasks.tag.learn.report import model_card, render
from recurra.tasks.tag.metrics import compare_taggers, score_tags
from support.outline import Outline, assert_harmless

EVIL = "<script>alert(1)</script>"


def metrics() -> dict[str, Any]:
    gold = [["B-PER", "I-PER", "O"], ["O", EVIL], ["O"]]
    predicted = [["B-PER", "O", "O"], ["O", "O"], ["O"]]
    test = score_tags(gold, predicted, ["O", "B-PER", "I-PER"], [[True] * 3, [True, False], [True]])
    return {
        "task": "tag",
        "test": test | {"unseen_sentences": {"rows": 2, "words": 5, "accuracy": 0.6}},
        "split": {"repeats_of_training_in_test": 1, "how": "by hand"},
        "data": {"name": EVIL},
        "baseline": {"name": "most frequent tag of each word", "accuracy": 0.5, "accuracy_ci95": [0.2, 0.8]},
        "paired": compare_taggers(np.array([5, 5]), np.array([1, 2]), np.array([6, 6])),
        "mistakes": [{"row": 0, "words": ["a", EVIL], "wrong": [{"place": 1, "truth": EVIL, "predicted": "O"}]}],
        "config": {"cell": "lstm", "hidden": 8},
    }


def test_the_page_shows_words_tags_and_mistakes_and_runs_nothing() -> None:
    page = render(metrics())
    for part in ("Words known and unknown", "Commonest mix-ups", "Sentences with the most mistakes", "→ O]"):
        assert part in page
    assert_harmless(page)
    assert EVIL in Outline(page).text
    assert "without them it is right in 60.0" in page.replace("\N{NO-BREAK SPACE}", " ")
    assert "\\<script" in model_card(metrics())


def test_spans_have_a_section_where_there_are_any() -> None:
    whole = metrics()
    whole["test"] = score_tags([["B-PER", "O"]], [["B-PER", "O"]], ["O", "B-PER"], [[True, True]])
    assert ">Spans<" in render(whole) and "F1" in model_card(whole)


@pytest.mark.parametrize("missing", ["test", "baseline", "paired", "mistakes", "split", "data", "config"])
def test_any_part_may_be_missing(missing: str) -> None:
    whole = metrics()
    del whole[missing]
    page = Outline(render(whole)).text
    assert ("Words known and unknown" in page) == (missing != "test")
    assert ("Sentences with the most mistakes" in page) == (missing != "mistakes")
    assert model_card(whole).startswith("# ")


@pytest.mark.parametrize(
    ("difference", "p_value", "words"),
    [(0.1, 0.001, "Yes: it is"), (0.1, 0.2, "not clearly better"), (-0.1, 0.01, "No: the most frequent tag")],
)
def test_the_headline_follows_the_paired_test(difference: float, p_value: float, words: str) -> None:
    whole = metrics()
    whole["paired"] |= {"difference": difference, "p_value": p_value}
    assert words in render(whole)
