"""The text generator's page and card: an honest verdict, its warnings, its samples."""

from __future__ import annotations

from typing import Any

import pytest

from recurra.tasks.generate.learn.report import model_card, render
from support.outline import HOSTILE, Outline, assert_harmless


@pytest.fixture
def metrics() -> dict[str, Any]:
    scores = {
        "nats_per_char": 1.5,
        "nats_per_char_ci95": [1.48, 1.52],
        "perplexity": 4.5,
        "perplexity_ci95": [4.4, 4.6],
    }
    return {
        "task": "generate",
        "test": {**scores, "rows": 111_000, "characters": 111_000, "unknown_rate": 0.0, "accuracy": 0.55},
        "baseline": {"name": "6-gram", **scores, "perplexity": 4.9},
        "paired": {"difference": 0.1, "difference_ci95": [0.05, 0.15]},
        "writing": {"characters": 500, "seconds": 0.1, "characters_per_second": 5000.0},
        "samples": [{"temperature": 0.8, "text": "<b>KING</b>:\nlo & behold", "copied": 0.0}],
        "history": [{"epoch": 1, "train_loss": 1.4, "valid_loss": 1.5, "train_accuracy": 0.5, "valid_accuracy": 0.5}],
        "data": {"name": "a.txt"},
        "config": {"cell": "lstm"},
    }


def test_the_verdict_follows_the_paired_interval(metrics: dict[str, Any]) -> None:
    page = Outline(render(metrics)).text
    for words in (
        "Yes: it predicts unseen text better",
        "1.500",
        "<b>KING</b>:",
        "Samples",
        "6-gram",
        "temperature",
        "5,000 characters a second",
    ):
        assert words in page
    for interval, words in (([-0.1, 0.1], "not clearly better"), ([-0.2, -0.1], "Not as it is")):
        metrics["paired"]["difference_ci95"] = interval
        assert words in Outline(render(metrics)).text
        assert words in model_card(metrics)
    metrics["baseline"] = metrics["paired"] = None
    assert "no baseline" in render(metrics)


def test_the_report_warns_of_chance_unknown_symbols_and_copies(metrics: dict[str, Any]) -> None:
    assert "Keep in mind" not in render(metrics)
    metrics["test"] |= {"rows": 500, "unknown_rate": 0.2}
    metrics["history"][0]["train_loss"] = 1.0
    metrics["samples"][0]["copied"] = 0.5
    page = Outline(render(metrics)).text
    for words in ("Only 500", "which flatters", "memorised", "word for word"):
        assert words in page


def test_a_score_by_symbol_is_shown_where_a_symbol_is_no_character(metrics: dict[str, Any]) -> None:
    metrics["test"]["nats_per_symbol"] = 1.5
    assert "Nats per symbol" not in render(metrics)
    metrics["test"]["rows"] = 30_000
    assert "Nats per symbol" in render(metrics)


def test_user_text_stays_text(metrics: dict[str, Any]) -> None:
    metrics["data"]["name"] = metrics["samples"][0]["text"] = metrics["baseline"]["name"] = HOSTILE
    assert_harmless(render(metrics))


def test_nothing_still_makes_a_page_and_a_card() -> None:
    assert "Not evaluated yet." in Outline(render({})).text
    assert model_card({}).startswith("# text text generator")


@pytest.mark.parametrize("difference", [0.4, -0.4])
def test_too_little_text_gives_no_verdict(metrics: dict[str, Any], difference: float) -> None:
    metrics["test"] = {name: None if name.endswith("_ci95") else one for name, one in metrics["test"].items()}
    metrics["paired"] = {"difference": difference, "difference_ci95": None}
    for document in (render(metrics), model_card(metrics)):
        assert "too little text was held out to say whether it beats an n-gram model" in document
        assert "not by luck" not in document and "Not as it is" not in document and "inf" not in document.split()
    assert "0.400 nats" in render(metrics).replace("\xa0", " ")
    assert "too short for intervals" in render(metrics)
