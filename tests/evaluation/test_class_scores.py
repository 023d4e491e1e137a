"""The scores of probabilities: shape, JSON, mistakes and refusals."""

from __future__ import annotations

import json
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from recurra.errors import DataError
from recurra.evaluation.class_scores import confident_mistakes, score_classes
from recurra.evaluation.classification import METRICS
from recurra.evaluation.intervals import wilson

Classified = Callable[..., tuple[NDArray[np.float64], NDArray[np.int64]]]


@pytest.mark.parametrize("classes", [2, 4])
def test_holds_every_number_and_is_json(classified: Classified, classes: int) -> None:
    p, y = classified(300, classes, seed=2)
    labels = [f"class {k}" for k in range(classes)]
    result = score_classes(p, y, labels)
    assert json.loads(json.dumps(result, allow_nan=False)) == result
    assert result["rows"] == 300
    for name, metric in METRICS.items():
        assert result[name] == pytest.approx(metric(p, y))
        low, high = result[f"{name}_ci95"]
        assert low <= result[name] <= high
    assert result["accuracy_ci95"] == list(wilson(round(result["accuracy"] * 300), 300))
    assert result["confusion"] == confusion_matrix(y, p.argmax(axis=1), labels=range(classes)).tolist()
    expected = precision_recall_fscore_support(y, p.argmax(axis=1), labels=range(classes))
    for name, values in zip(("precision", "recall", "f1", "support"), expected, strict=True):
        assert [row[name] for row in result["per_class"]] == pytest.approx(list(values))
    assert [row["label"] for row in result["per_class"]] == labels
    assert sum(b["count"] for b in result["reliability"]) == 300


def test_one_class_and_one_row_still_give_a_result() -> None:
    result = score_classes([[0.4, 0.6]], [1], ["no", "yes"])
    assert result["accuracy"] == 1.0
    assert result["roc_auc"] is None
    assert result["roc_auc_ci95"] is None
    assert json.dumps(result, allow_nan=False)


def test_single_precision_probabilities_are_accepted(classified: Classified) -> None:
    p, y = classified(40, 3, seed=9)
    exact = score_classes(p, y, list("abc"))
    single = score_classes(p.astype(np.float32), y, list("abc"))
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
        score_classes(probabilities, targets, ["a", "b"])
