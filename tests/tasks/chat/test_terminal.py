"""What is printed of a chat model: perplexity, the given reply among others, and how varied replies are."""

from __future__ import annotations

from recurra.tasks.chat.terminal import inspection, print_training
from support.printed import printed
from support.written_models import written_metrics


def test_the_chosen_replies_stand_beside_the_baseline_where_there_is_one() -> None:
    metrics = written_metrics("chat")
    test = {**metrics["test"], "right_choice": 0.5, "right_choice_ci95": [0.25, 0.75], "choices": 10, "apart": None}
    baseline = {**metrics["baseline"], "right_choice": 0.125}
    text = printed(print_training, {**metrics, "test": test, "baseline": baseline})
    assert "The given reply found among 10" in text
    assert f"all dialogues {test['rows']:,} 50.0% 25.0% to 75.0% 12.5%" in text
    assert "unlike the ones in training" not in text
    assert "25.0% to 75.0% 12.5%" not in printed(print_training, {**metrics, "test": test, "baseline": None})


def test_the_diversity_of_people_is_the_last_row() -> None:
    metrics = written_metrics("chat")
    last = printed(print_training, metrics).splitlines()[-1]
    assert last == f"people {metrics['people']['distinct_1']:.1%} {metrics['people']['distinct_2']:.1%}"


def test_a_model_without_metrics_has_no_perplexity() -> None:
    network = {"layers": 1, "cell": "gru", "hidden": 3, "embedding": 4, "vocabulary": 1000, "context": 2}
    facts = inspection({"task": "chat", "network": network, "metrics": {}})
    assert facts["Task"] == "chat: 1,000 subwords, the last 2 turns"
    assert "decoder of 6" in facts["Network"] and facts["Perplexity"] == ""


def test_one_reply_has_no_interval_and_is_no_replies() -> None:
    metrics = written_metrics("chat")
    none = {name: None if name.endswith("_ci95") else value for name, value in metrics["test"].items()}
    test = {**none, "rows": 1, "context_gain": 0.5, "context_gain_ci95": None}
    text = printed(print_training, {**metrics, "test": test})
    first, gain, accuracy = text.splitlines()[:3]
    assert "(too few replies for an interval, 1 reply" in first and "95 %" not in first + gain + accuracy
    network = {"layers": 1, "cell": "gru", "hidden": 3, "embedding": 4, "vocabulary": 1000, "context": 2}
    facts = inspection({"task": "chat", "network": network, "metrics": {"test": {"perplexity": 3.0, "rows": 1}}})
    assert facts["Perplexity"] == "3.0 a subword, on 1 reply"
