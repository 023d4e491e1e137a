"""The chat model's page and card: whether it uses the context, on which replies that rests, and how varied it is."""

from __future__ import annotations

from typing import Any

import pytest

from recurra.tasks.chat.learn.report import ENOUGH, model_card, render
from support.outline import HOSTILE, Outline, assert_harmless


@pytest.fixture
def metrics() -> dict[str, Any]:
    scores = {
        "perplexity": 31.0, "perplexity_ci95": [29.0, 33.0], "perplexity_of_another_context": 44.0,
        "context_gain": 0.35, "context_gain_ci95": [0.3, 0.4], "right_choice": 0.42,
        "right_choice_ci95": [0.38, 0.46], "choices": 10,
        "nats_per_token": 3.43, "accuracy": 0.35, "bleu": 2.1, "bleu_ci95": [1.5, 2.7], "chrf": 14.0,
    }  # fmt: skip
    return {
        "task": "chat",
        "test": {
            **scores, "rows": 900, "replies": 200, "distinct_1": 0.21, "distinct_2": 0.6, "mean_words": 6.2,
            "likeliest": {"distinct_1": 0.05, "distinct_2": 0.1, "mean_words": 3.1, "bleu": 1.1},
            "apart": {**scores, "rows": 640, "replies": 150, "perplexity": 35.0, "right_choice": 0.31,
                      "right_choice_ci95": [0.25, 0.37]},
        },
        "baseline": {"name": "Reply to the nearest turn (TF-IDF)", "right_choice": 0.3, "distinct_1": 0.3, "bleu": 1.3,
                     "apart": {"right_choice": 0.2, "bleu": 1.0}},
        "people": {"distinct_1": 0.33, "distinct_2": 0.8, "mean_words": 7.5},
        "examples": [{"turns": ["Hello!"], "reference": "Hi.", "likeliest": "Yes.", "drawn": "Well, hello."}],
        "config": {"cell": "lstm", "context": 3},
        "data": {"name": "talks.jsonl"},
    }  # fmt: skip


def test_shows_context_variety_and_replies(metrics: dict[str, Any]) -> None:
    page = Outline(render(metrics)).text
    for words in (
        "talks.jsonl chat model", "does not understand", "Perplexity on 900 held-out replies",
        "Does it use the context?", "Of dialogues unlike those in training 640 35.0 44.0 31.0 % 20.0 %",
        "How varied its replies are", "Likeliest replies (beam search) 5.0 %", "People 33.0 % 80.0 % 7.5",
        "– Hello! ➜ Well, hello.", "true reply Hi.", "reads the last 3 turns",
    ):  # fmt: skip
        assert words in page.replace("\N{NO-BREAK SPACE}", " ")


def test_the_verdict_rests_on_dialogues_unlike_those_in_training(metrics: dict[str, Any]) -> None:
    assert "as among 35 equally likely" in render(metrics) and "leave out 260 of 900" in model_card(metrics)
    metrics["test"]["apart"]["right_choice_ci95"] = [0.08, 0.2]
    assert "hardly uses the context" in render(metrics) and "hardly uses the context" in model_card(metrics)
    metrics["test"]["apart"]["replies"] = ENOUGH - 1
    page = render(metrics)
    assert "as among 31 equally likely" in page and "leave out" not in page and "fit the context" in page


def test_a_gain_that_may_be_none_is_no_use_of_the_context(metrics: dict[str, Any]) -> None:
    metrics["test"]["apart"]["context_gain_ci95"] = [-0.1, 0.4]
    source = render(metrics)
    assert "hardly uses the context" in source and 'class="top bad"' in source


def test_user_text_stays_text(metrics: dict[str, Any]) -> None:
    metrics["data"]["name"] = metrics["baseline"]["name"] = HOSTILE
    metrics["examples"][0] = {"turns": [HOSTILE], **dict.fromkeys(("reference", "likeliest", "drawn"), HOSTILE)}
    assert_harmless(render(metrics))
    assert "\\<script" in model_card(metrics)


@pytest.mark.parametrize("missing", ["test", "baseline", "people", "examples", "config", "data"])
def test_any_part_may_be_missing(metrics: dict[str, Any], missing: str) -> None:
    del metrics[missing]
    page = Outline(render(metrics)).text
    assert ("Not evaluated yet." in page) == ("Does it use" not in page) == (missing == "test")
    assert ("Well, hello." in page) == (missing != "examples")
    assert model_card(metrics).startswith("# ")


def test_one_reply_is_too_few_to_judge_by(metrics: dict[str, Any]) -> None:
    metrics["test"]["apart"] = None
    metrics["test"] |= {name: None for name in metrics["test"] if name.endswith("_ci95")} | {"rows": 1}
    page = Outline(render(metrics)).text
    assert "too few held-out replies to say" in page and "too few held-out replies for intervals" in page
    assert "1 held-out reply" in page.replace("\N{NO-BREAK SPACE}", " ")
    assert "too few held-out replies to say" in model_card(metrics)
