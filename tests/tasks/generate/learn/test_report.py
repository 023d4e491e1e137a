"""The text generator's page and card: an honest verdict, its warnings, its samples."""

from __future__ import annotations

from typing import Any

import pytest

from recurra.tasks.generate.learn.report import model_card, render, report_page
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


def with_parts(metrics: dict[str, Any]) -> dict[str, Any]:
    own = {**metrics["test"], "paired": {"difference": 0.1, "difference_ci95": [0.05, 0.15]}}
    return {"network": own, "ngrams": own}


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


@pytest.mark.parametrize(
    ("difference", "interval", "tone", "headline", "figures"),
    [
        (0.2, [0.1, 0.3], "good", "and not by luck.", "needs 0.200 nats fewer a symbol"),
        (-0.2, [-0.3, -0.1], "even", "the network alone predicts worse than the n-grams: train it longer (--epochs).",
         "needs 0.200 nats more a symbol than the n-grams beside it alone (95 % interval 0.100 to 0.300)"),
        (0.0, [-0.1, 0.1], "even", "the network alone is not clearly better than the n-grams.", "-0.100 to 0.100"),
    ],
)  # fmt: skip
def test_ngrams_do_not_hide_a_network_that_learnt_nothing(
    metrics: dict[str, Any], difference: float, interval: list[float], tone: str, headline: str, figures: str
) -> None:
    metrics["parts"] = with_parts(metrics) | {"paired": {"difference": difference, "difference_ci95": interval}}
    verdict = report_page(metrics).verdict
    assert verdict.tone == tone
    assert verdict.headline.startswith("Yes: it predicts unseen text better")
    assert verdict.headline.endswith(headline)
    assert ("network alone" in verdict.headline) == (difference <= 0)
    assert figures in verdict.reasons[-1]
    metrics["paired"]["difference_ci95"] = [-0.2, -0.1]
    worse = report_page(metrics).verdict
    assert (worse.tone, "network alone" in worse.headline) == ("bad", False)


def test_models_whose_parts_were_not_compared_have_a_verdict(metrics: dict[str, Any]) -> None:
    metrics["parts"] = with_parts(metrics)
    assert report_page(metrics).verdict.headline.endswith("and not by luck.")


def test_a_model_with_ngrams_says_what_is_of_the_network_alone_and_what_its_file_holds(metrics: dict[str, Any]) -> None:
    metrics["valid"] = {"accuracy": 0.5}
    told = ("Both are of the network alone.", "Validation: the network alone. Held-out: the whole model.")
    page = Outline(render(metrics)).text
    assert not any(words in page for words in told)
    assert "## Privacy" not in model_card(metrics)
    metrics["config"]["ngrams"] = 5
    page = Outline(render(metrics)).text
    assert all(words in page for words in told)
    card = model_card(metrics)
    assert "`ngrams.safetensors` holds runs of the training text nearly word for word" in card
    assert "`--ngrams 0`" in card


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
    metrics["parts"] = with_parts(metrics) | {"paired": metrics["paired"]}
    for document in (render(metrics), model_card(metrics)):
        assert "too little text was held out to say whether it beats an n-gram model" in document
        assert "not by luck" not in document and "Not as it is" not in document and "inf" not in document.split()
    assert "0.400 nats" in render(metrics).replace("\xa0", " ")
    assert "too short for intervals" in render(metrics)
