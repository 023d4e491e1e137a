"""The whole evaluation: shape, JSON, slices, mistakes and refusals."""

from __future__ import annotations

import json
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from recurra.errors import DataError
from recurra.evaluation.intervals import wilson
from recurra.tasks.classify.metrics import METRICS
from recurra.tasks.classify.scores import confident_mistakes, evaluate

Classified = Callable[..., tuple[NDArray[np.float64], NDArray[np.int64]]]


@pytest.mark.parametrize("classes", [2, 4])
def test_holds_every_number_and_is_json(classified: Classified, classes: int) -> None:
    p, y = classified(300, classes, seed=2)
    lengths = np.random.default_rng(3).integers(1, 500, 300)
    labels = [f"class {k}" for k in range(classes)]
    result = evaluate(p, y, labels, lengths, lengths > 400)
    assert json.loads(json.dumps(result, allow_nan=False)) == result
    assert result["rows"] == 300
    for name, metric in METRICS.items():
        assert result[name] == pytest.approx(metric(p, y))
        low, high = result[f"{name}_ci95"]
        assert low <= result[name] <= high
    assert result["accuracy_ci95"] == list(wilson(round(result["accuracy"] * 300), 300))
    assert result["truncated_rows"] == (lengths > 400).sum()
    assert result["confusion"] == confusion_matrix(y, p.argmax(axis=1), labels=range(classes)).tolist()
    expected = precision_recall_fscore_support(y, p.argmax(axis=1), labels=range(classes))
    for name, values in zip(("precision", "recall", "f1", "support"), expected, strict=True):
        assert [row[name] for row in result["per_class"]] == pytest.approx(list(values))
    assert [row["label"] for row in result["per_class"]] == labels
    assert sum(b["count"] for b in result["reliability"]) == 300
    assert sum(s["rows"] for s in result["slices"]["length"]) == 300
    assert [s["name"] for s in result["slices"]["truncated"]] == ["read whole", "truncated"]


def test_one_class_and_one_row_still_give_a_result() -> None:
    result = evaluate([[0.4, 0.6]], [1], ["no", "yes"], [3], [False])
    assert result["accuracy"] == 1.0
    assert result["roc_auc"] is None
    assert result["roc_auc_ci95"] is None
    assert json.dumps(result, allow_nan=False)


def test_single_precision_probabilities_are_accepted(classified: Classified) -> None:
    p, y = classified(40, 3, seed=9)
    exact = evaluate(p, y, list("abc"), np.ones(40), np.zeros(40))
    single = evaluate(p.astype(np.float32), y, list("abc"), np.ones(40), np.zeros(40))
    assert single["log_loss"] == pytest.approx(exact["log_loss"], rel=1e-5)


def test_mistakes_come_surest_first() -> None:
    p = np.array([[0.9, 0.1], [0.2, 0.8], [0.05, 0.95], [0.8, 0.2], [0.4, 0.6]])
    y = np.array([0, 0, 0, 1, 0])
    assert [m["row"] for m in confident_mistakes(p, y)] == [2, 1, 3, 4]
    assert confident_mistakes(p, y, k=1, labels=["bad", "good"]) == [
        {"row": 2, "truth": "bad", "predicted": "good", "probability": 0.95}
    ]
    assert confident_mistakes(p, y, k=1)[0]["predicted"] == 1
    assert confident_mistakes(p, y, k=0) == []


@pytest.mark.parametrize(
    ("probabilities", "targets", "message"),
    [
        (np.ones((2, 1)), [0, 0], "shape"),
        (np.full((2, 3), 1 / 3), [0, 0], "shape"),
        (np.full((2, 2), 0.5), [0], "one target"),
        (np.empty((0, 2)), np.empty(0, dtype=np.int64), "no rows"),
        (np.full((2, 2), 0.5), [0.0, 1.0], "whole numbers"),
        (np.full((2, 2), 0.5), [0, 2], r"0\.\.1"),
        (np.full((2, 2), 0.5), [0, -1], r"0\.\.1"),
        (np.array([[0.5, 0.5], [2.0, -3.0]]), [0, 1], "Row 1"),
        (np.array([[1.5, -0.5]]), [0], "Row 0"),
        (np.array([[np.nan, 1.0]]), [0], "Row 0"),
    ],
)
def test_refuses_what_is_not_an_answer(probabilities: np.ndarray, targets: list[int], message: str) -> None:
    with pytest.raises(DataError, match=message):
        evaluate(probabilities, targets, ["a", "b"], np.ones(len(targets)), np.zeros(len(targets)))


def test_lengths_must_fit() -> None:
    with pytest.raises(DataError, match="lengths"):
        evaluate(np.full((2, 2), 0.5), [0, 1], ["a", "b"], [1], [False, False])
