"""What is printed of a language model: the main score, the comparison in words, and a sample."""

from __future__ import annotations

from typing import Any

import pytest

from recurra.tasks.generate.terminal import print_evaluation, print_training
from support.printed import printed
from support.written_models import written_metrics


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (0.1, 0.2, "better than the baseline: it needs 0.150 nats fewer a symbol (95 % interval 0.100 to 0.200)"),
        (-0.2, -0.1, "worse than the baseline: it needs 0.150 nats more a symbol (95 % interval 0.100 to 0.200)"),
        (
            -0.1,
            0.2,
            "not measurably different from the baseline: it needs 0.050 nats fewer a symbol (95 % interval -0.1",
        ),
    ],
)
def test_the_comparison_with_the_baseline_in_words(low: float, high: float, words: str) -> None:
    metrics = written_metrics("generate")
    paired = {"difference": (low + high) / 2, "difference_ci95": [low, high]}
    assert f"The model is {words}" in printed(print_training, {**metrics, "paired": paired})


def test_the_sample_is_that_of_temperature_0_8_and_no_mark_up() -> None:
    metrics = written_metrics("generate")
    samples = [{"temperature": 0.8, "text": "[bold]x[/bold]\x1b[2J"}, {"temperature": 1.0, "text": "other"}]
    text = printed(print_training, {**metrics, "samples": samples})
    assert "[bold]x[/bold]" in text and "other" not in text and "\x1b" not in text
    assert "A sample" not in printed(print_training, {**metrics, "samples": samples[1:]})


def test_words_have_no_score_by_character() -> None:
    scores = {name: value for name, value in written_metrics("generate")["test"].items() if "per_char" not in name}
    text = printed(print_evaluation, scores)
    assert "Perplexity" in text and "Nats per character" not in text
    assert "Held-out perplexity" in printed(
        print_training, {**written_metrics("generate"), "baseline": None, "test": scores}
    )


def test_of_a_short_text_there_is_neither_an_interval_nor_a_verdict() -> None:
    metrics = without_intervals(written_metrics("generate"))
    text = printed(print_training, metrics)
    assert "too little text for an interval" in text and "95 % interval" not in text
    assert "which may be chance" in text and "--test" in text
    assert "better than" not in text and "worse than" not in text
    shown = printed(print_evaluation, metrics["test"])
    assert "too short for intervals" in shown and " to " not in shown.split("too short")[0]


def without_intervals(metrics: Any) -> Any:
    if isinstance(metrics, dict):
        return {name: None if name.endswith("_ci95") else without_intervals(one) for name, one in metrics.items()}
    return metrics
