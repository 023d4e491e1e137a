"""The scores of sets of labels: values of the metrics, intervals by a slow bootstrap, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn import metrics as oracle

from recurra.errors import DataError
from recurra.evaluation.intervals import RESAMPLES, draws, wilson
from recurra.evaluation.label_metrics import LABEL_METRICS
from recurra.evaluation.label_scores import reliability_of_labels, score_labels

NAMES = ["a", "b", "c", "d"]


def case(rows: int, seed: int) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]:
    rng = np.random.default_rng(seed)
    members = (rng.random((rows, 4)) < [0.5, 0.3, 0.1, 0.0]).astype(np.int64)
    return np.clip(0.7 * rng.random((rows, 4)) + 0.3 * members, 0, 1), members, np.array([0.5, 0.4, 0.45, 0.69])


def test_values_and_labels() -> None:
    p, y, cuts = case(80, 1)
    found = score_labels(p, y, cuts, NAMES)
    answers = p >= cuts
    assert found["rows"] == 80
    assert found["micro_f1"] == pytest.approx(oracle.f1_score(y, answers, average="micro"))
    assert found["macro_average_precision"] == pytest.approx(
        np.mean([oracle.average_precision_score(y[:, k], p[:, k]) for k in range(3)])
    )
    assert found["at_half"]["micro_f1"] == pytest.approx(oracle.f1_score(y, p >= 0.5, average="micro"))
    assert found["labels_per_row"] == pytest.approx(y.sum(axis=1).mean())
    assert found["answers_per_row"] == pytest.approx(answers.sum(axis=1).mean())
    assert found["none_rows"] == int((y.sum(axis=1) == 0).sum())
    assert found["none_answers"] == int((~answers.any(axis=1)).sum())
    precision, recall, f1, support = oracle.precision_recall_fscore_support(y, answers, zero_division=0)
    for k, row in enumerate(found["per_label"]):
        assert (row["label"], row["threshold"], row["support"]) == (NAMES[k], cuts[k], support[k])
        assert row["predicted"] == answers[:, k].sum()
        if row["predicted"]:
            hits = int((answers[:, k] & (y[:, k] == 1)).sum())
            assert row["precision"] == pytest.approx(precision[k])
            assert row["precision_ci95"] == pytest.approx(wilson(hits, row["predicted"]))
    nothing = found["per_label"][3]
    assert nothing["recall"] is None and nothing["recall_ci95"] is None and nothing["average_precision"] is None
    assert [row["recall"] for row in found["per_label"][:3]] == pytest.approx(recall[:3].tolist())
    assert [row["f1"] for row in found["per_label"][:3]] == pytest.approx(f1[:3].tolist())


def test_intervals_are_those_of_rows_drawn_again() -> None:
    p, y, cuts = case(50, 2)
    found = score_labels(p, y, cuts, NAMES, seed=7)
    counts = np.concatenate(list(draws(50, RESAMPLES, 7))).astype(int)
    slow: dict[str, list[float]] = {"micro_f1": [], "ap": [], "b": []}
    for times in counts[:, :]:
        truth, answers = np.repeat(y, times, axis=0), np.repeat(p >= cuts, times, axis=0)
        slow["micro_f1"].append(float(oracle.f1_score(truth, answers, average="micro")))
        slow["b"].append(float(oracle.f1_score(truth[:, 1], answers[:, 1])))
    assert found["micro_f1_ci95"] == pytest.approx(np.percentile(slow["micro_f1"], [2.5, 97.5]).tolist())
    assert found["per_label"][1]["f1_ci95"] == pytest.approx(np.percentile(slow["b"], [2.5, 97.5]).tolist())
    for name in (*LABEL_METRICS, "macro_average_precision"):
        low, high = found[f"{name}_ci95"]
        assert low <= found[name] <= high, name


def test_perfect_answers_are_not_certain() -> None:
    y = np.array([[1, 0], [0, 1], [1, 1], [0, 0]] * 5)
    found = score_labels(y * 0.9 + 0.05, y, [0.5, 0.5], ["a", "b"])
    assert found["micro_f1"] == 1.0 and found["micro_f1_ci95"] == pytest.approx(wilson(20, 20))
    assert found["hamming_loss_ci95"] == pytest.approx(wilson(0, 20))
    assert found["per_label"][0]["f1_ci95"][0] < 1


BAD: list[tuple[Any, Any, Any, str]] = [
    (np.empty((0, 2)), np.empty((0, 2)), [0.5, 0.5], "no rows"),
    ([[0.2, 0.3]], [[1]], [0.5, 0.5], "shape"),
    ([[0.2, 0.3]], [[1, 0]], [0.5], "thresholds"),
    ([[0.2, 1.3]], [[1, 0]], [0.5, 0.5], "sigmoid"),
    ([[0.2, 0.3]], [[2, 0]], [0.5, 0.5], "0 or 1"),
]


@pytest.mark.parametrize(("p", "y", "cuts", "words"), BAD)
def test_what_is_refused(p: Any, y: Any, cuts: Any, words: str) -> None:
    with pytest.raises(DataError, match=words):
        score_labels(p, y, cuts, ["a", "b"])


def test_reliability_is_of_every_yes_or_no() -> None:
    p, y, _ = case(300, 3)
    bins = reliability_of_labels(p, y.astype(bool), 5)
    assert [b["count"] for b in bins] == np.histogram(p.ravel(), 5, (0, 1))[0].tolist()
    inside = (p > 0.4) & (p <= 0.6)
    assert bins[2]["confidence"] == pytest.approx(p[inside].mean())
    assert bins[2]["accuracy"] == pytest.approx(y[inside].mean())
    assert reliability_of_labels(np.full((2, 2), 0.99), np.ones((2, 2), dtype=bool))[0]["accuracy"] is None
