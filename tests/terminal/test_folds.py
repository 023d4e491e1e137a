"""Cross-validation in a line."""

from __future__ import annotations

from recurra.terminal.folds import in_words, scores_in_words


def test_shares_and_other_figures() -> None:
    scores = {"accuracy": {"mean": 0.75, "sd": 0.0354, "values": [0.725, 0.775]}}
    assert in_words({"folds": 2, "scores": scores}) == (
        "Folds: 2, with a mean accuracy of 75.0% and a standard deviation of 3.5 points (72.5%, 77.5%)"
    )
    scores = {"mae": {"mean": 1.25, "sd": 0.12345, "values": [1.2, 1.3]}}
    assert in_words({"folds": 2, "scores": scores}) == (
        "Folds: 2, with a mean mae of 1.25 and a standard deviation of 0.12 (1.2, 1.3)"
    )


def test_the_scores_of_a_fold() -> None:
    assert (
        scores_in_words({"accuracy": 0.5, "micro_f1": 1.0, "mae": 1.23456})
        == "accuracy 50.0%, micro F1 100.0%, mae 1.235"
    )
