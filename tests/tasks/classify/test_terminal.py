"""What is printed of a classifier: scores with intervals, what McNemar's test found, and labels that are no mark-up."""

from __future__ import annotations

from typing import Any

import pytest

from recurra.tasks.classify.terminal import inspection, print_answer, print_evaluation, print_training
from support import ngram_models
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
    top = [{"label": "x", "probability": 0.5}, {"label": 7, "probability": 0.25}]
    print_answer({**top[0], "top": top, "nothing_known": True})
    assert capsys.readouterr().out == "x\t0.5000\t7\t0.2500\tnothing known was read\n"


def test_many_labels_are_cut() -> None:
    network = {"layers": 1, "cell": "gru", "hidden": 3, "direction": "both", "pooling": "max", "embedding": 4}
    facts = inspection({"task": "classify", "network": network, "metrics": {}, "labels": list(range(9))})
    assert facts["Task"] == "classify: 9 classes (0, 1, 2, 3, 4, 5, 6, 7 ...)"
    assert facts["Network"] == "1 x GRU(3), both, max pooling, embedding 4"
    assert facts["Accuracy"] == facts["Baseline"] == ""
    assert facts["N-grams"] == "", "models of the first version do not state any"


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ({"order": 0}, ""),
        ({"order": 1}, "single words"),
        ({"order": 3}, "of up to 3 words, the longer ones in 211 buckets"),
        (
            {"order": 2, "subwords": 97},
            "of up to 2 words, the longer ones in 101 buckets; weights of unknown words from 97 buckets of character "
            "n-grams",
        ),
        (
            {"order": 1, "subwords": 97, "vectors": True},
            "single words; weights and vectors of unknown words from 97 buckets of character n-grams",
        ),
        (
            {"order": 0, "subwords": 53, "vectors": True},
            "vectors of unknown words from 53 buckets of character n-grams",
        ),
    ],
)
def test_the_n_grams_of_a_model_are_named(kind: dict[str, Any], words: str) -> None:
    network = ngram_models.shape(**kind).model_dump()
    facts = inspection({"task": "classify", "network": network, "metrics": {}, "labels": ["a", "b"]})
    assert facts["N-grams"] == words


def test_the_accuracy_of_the_parts_is_printed() -> None:
    metrics = written_metrics("classify")
    parts = {"network": {"accuracy": 0.9}, "ngrams": {"accuracy": 0.875}}
    assert "Its parts alone 90.0% the network, 87.5% the n-grams" in printed(
        print_training, {**metrics, "parts": parts}
    )
    assert "alone" not in printed(print_training, {**metrics, "parts": None})
