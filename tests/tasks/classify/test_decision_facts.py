"""Sentences on weights, thresholds and withheld answers."""

from __future__ import annotations

from typing import Any

from recurra.tasks.classify.decision_facts import decision_sentences, remedy

DECISION: dict[str, Any] = {
    "positive": 1, "threshold": 0.25, "abstain": 0.0, "label": "spam", "goal": "f1", "goal_in_words": "F1",
    "rows": 200, "positive_rows": 12, "value": 0.875, "value_at_half": 0.5,
}  # fmt: skip


def test_nothing_is_said_of_the_most_probable_label() -> None:
    assert decision_sentences({}) == []
    assert decision_sentences({"decision": None, "class_weights": None, "test": {"abstention": {}}}) == []


def test_a_threshold_is_told_with_what_it_brought_and_on_how_many_rows() -> None:
    (sentence,) = decision_sentences({"decision": DECISION})
    assert "spam is answered from a probability of 0.250 on, chosen for F1 on 200 validation rows, 12 of" in sentence
    assert "87.5% there, against 50.0% from a half on" in sentence
    costs = {"goal": "5:1", "goal_in_words": "the cost of mistakes", "value": -0.125, "value_at_half": -0.5}
    (sentence,) = decision_sentences({"decision": DECISION | costs})
    assert "0.125 a row there, against 0.500 a row from a half on" in sentence


def test_weights_and_withheld_answers_are_told() -> None:
    withheld = {"coverage": 0.9, "accuracy": 0.96}
    weights, answers = decision_sentences(
        {"class_weights": {"ham": 0.5, "spam": 9}, "decision": {"abstain": 0.8}, "test": {"abstention": withheld}}
    )
    assert "ham 0.5, spam 9." in weights
    assert "has 80% or more: 90.0% of the held-out rows are answered, and 96.0% of the answers are right." in answers
    (bare,) = decision_sentences({"decision": {"abstain": 0.8}, "test": {"abstention": withheld | {"accuracy": None}}})
    assert bare.endswith("are answered.")


def test_the_remedy_names_options_that_go_with_so_many_labels() -> None:
    assert "--tune-threshold f1" in remedy(["ham", "spam"])
    assert "--tune-threshold" not in remedy(["a", "b", "c"]) and "--abstain" in remedy(["a", "b", "c"])
