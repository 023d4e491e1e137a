"""What is printed of a classifier: scores with intervals, what McNemar's test found, and labels that are no mark-up."""

from __future__ import annotations

import pytest

from recurra.tasks.classify.terminal import inspection, print_answer, print_evaluation, print_training
from support.printed import printed
from support.written_models import written_metrics


@pytest.mark.parametrize(
    ("difference", "p", "words"),
    [
        (0.02, 0.0004, "The model is better than the baseline by 2.0 points (McNemar's test, p < 0.001)"),
        (-0.015, 0.01, "The model is worse than the baseline by 1.5 points (McNemar's test, p = 0.010)"),
        (-0.02, 0.05, "The difference of -2.0 points may be chance (McNemar's test, p = 0.050)"),
    ],
)
def test_the_test_against_the_baseline_in_words(difference: float, p: float, words: str) -> None:
    metrics = written_metrics("classify")
    paired = {**metrics["paired"], "difference": difference, "p_value": p}
    assert words in printed(print_training, {**metrics, "paired": paired})


def test_a_metric_that_is_undefined_is_a_dash() -> None:
    result = {**written_metrics("classify")["test"], "roc_auc": None, "roc_auc_ci95": None}
    lines = printed(print_evaluation, result).splitlines()
    assert "ROC AUC - -" in lines
    assert f"Accuracy {result['accuracy']:.4f} " in "\n".join(lines)


def test_an_answer_is_a_label_and_a_probability(capsys: pytest.CaptureFixture[str]) -> None:
    print_answer({"label": "a\x1b[2J", "probability": 0.98765})
    label, probability = capsys.readouterr().out.removesuffix("\n").split("\t")
    assert "\x1b" not in label and probability == "0.9877"


def test_many_labels_are_cut() -> None:
    network = {"layers": 1, "cell": "gru", "hidden": 3, "direction": "both", "pooling": "max", "embedding": 4}
    facts = inspection({"task": "classify", "network": network, "metrics": {}, "labels": list(range(9))})
    assert facts["Task"] == "classify: 9 classes (0, 1, 2, 3, 4, 5, 6, 7 ...)"
    assert facts["Network"] == "1 x GRU(3), both, max pooling, embedding 4"
    assert facts["Accuracy"] == facts["Baseline"] == ""
