"""The translator's page and card: a verdict against the dictionary, warnings, examples and attention."""

from __future__ import annotations

from typing import Any

import pytest

from recurra.tasks.translate.learn.report import model_card, render
from support.outline import HOSTILE, Outline, assert_harmless


@pytest.fixture
def metrics() -> dict[str, Any]:
    return {
        "task": "translate",
        "test": {
            "rows": 400, "bleu": 31.4, "bleu_ci95": [30.1, 32.7], "chrf": 55.2, "chrf_ci95": [54.0, 56.4],
            "exact_match": 0.12, "exact_match_ci95": [0.1, 0.15], "nats_per_token": 1.5, "perplexity": 4.482,
            "perplexity_ci95": [4.3, 4.7], "accuracy": 0.66, "accuracy_ci95": [0.65, 0.67], "length_ratio": 1.01,
            "unended": 0,
        },
        "valid": {"rows": 50, "accuracy": 0.64, "nats_per_token": 1.6},
        "baseline": {"name": "Word-for-word dictionary", "bleu": 12.0, "bleu_ci95": [11.0, 13.0], "chrf": 40.0},
        "history": [
            {"epoch": 1, "train_loss": 2.0, "valid_loss": 2.1, "train_accuracy": 0.5, "valid_accuracy": 0.49},
        ],
        "examples": [{"source": "ein Hund", "reference": "a dog", "written": "a hound"}],
        "attention": [{"source": ["ein", "Hund"], "target": ["a", "hound"], "weights": [[0.9, 0.1], [0.2, 0.8]]}],
        "config": {"cell": "gru"},
        "data": {"name": "pairs.tsv"},
    }  # fmt: skip


def test_shows_scores_examples_and_attention(metrics: dict[str, Any]) -> None:
    source = render(metrics)
    page = Outline(source)
    for words in (
        "pairs.tsv translator", "GRU", "BLEU 31.4 of 100 on held-out texts: it translates better",
        "BLEU on 400 held-out texts", "30.1 to 32.7", "reaches BLEU 12.0", "as among 4.5 equally likely",
        "ein Hund", "a dog", "a hound", "55.2", "40.0", "validation 50 64.0",
        "Further right is better.", "one reference translation",
    ):  # fmt: skip
        assert words in page.text
    squares = [a for tag, a in page.tags if tag == "rect" and a.get("class") == "attention"]
    assert [float(a["fill-opacity"] or 0) for a in squares] == pytest.approx([0.85, 0.13, 0.22, 0.76])
    assert "hound from Hund: 80%" in page.text


@pytest.mark.parametrize(
    ("interval", "tone", "words"),
    [
        ([30.1, 32.7], "good", "it translates better"),
        ([12.5, 40.0], "even", "not clearly better"),
        ([5.0, 9.0], "bad", "Do not use it."),
    ],
)
def test_the_verdict_follows_the_intervals(
    metrics: dict[str, Any], interval: list[float], tone: str, words: str
) -> None:
    metrics["test"]["bleu_ci95"] = interval
    source = render(metrics)
    assert words in Outline(source).text and f'class="top {tone}"' in source
    assert words in model_card(metrics)


def test_lengths_and_unended_translations_are_warned_of(metrics: dict[str, Any]) -> None:
    page = Outline(render(metrics)).text
    assert "--length-penalty" not in page and "--max-tokens" not in page
    metrics["test"] |= {"length_ratio": 0.7, "unended": 3}
    page = Outline(render(metrics)).text
    assert "shorter than the references, 0.70 times" in page and "3 translations did not come to an end" in page


def test_user_text_stays_text(metrics: dict[str, Any]) -> None:
    metrics["data"]["name"] = metrics["baseline"]["name"] = HOSTILE
    metrics["examples"][0] = dict.fromkeys(("source", "reference", "written"), HOSTILE)
    metrics["attention"][0] |= {"source": [HOSTILE, "b"], "target": [HOSTILE, "d"]}
    assert_harmless(render(metrics))
    assert "\\<script" in model_card(metrics)


@pytest.mark.parametrize("missing", ["test", "valid", "baseline", "history", "examples", "attention", "config", "data"])
def test_any_part_may_be_missing(metrics: dict[str, Any], missing: str) -> None:
    del metrics[missing]
    page = Outline(render(metrics)).text
    assert ("Translations" in page) == (missing != "examples")
    assert ("Not evaluated yet." in page) == (missing == "test")
    assert ("without a baseline" in page) == (missing == "baseline")
    assert model_card(metrics).startswith("# ")


def test_one_text_is_too_few_to_judge_by(metrics: dict[str, Any]) -> None:
    metrics["test"] |= {"rows": 1, "bleu_ci95": None, "chrf_ci95": None, "perplexity_ci95": None, "accuracy_ci95": None}
    metrics["baseline"] |= {"bleu_ci95": None}
    page = Outline(render(metrics)).text
    assert "one held-out text is too few to judge by" in page and "one text is too few for the others" in page
    assert "BLEU on 1 held-out text" in page.replace("\N{NO-BREAK SPACE}", " ")
    assert "one held-out text is too few to judge by" in model_card(metrics)
