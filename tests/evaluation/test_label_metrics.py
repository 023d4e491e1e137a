"""Every metric of sets of labels against scikit-learn's, with and without row weights."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn import metrics as oracle

from recurra.evaluation.label_metrics import LABEL_METRICS, average_precision, counter

Case = tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.bool_]]


def case(rows: int, labels: int, seed: int, decimals: int | None = None, share: float = 0.3) -> Case:
    """Return probabilities that tell something of the labels, answers by thresholds of their own, and labels."""
    rng = np.random.default_rng(seed)
    members = rng.random((rows, labels)) < share * rng.random(labels)
    chances = np.clip(0.6 * rng.random((rows, labels)) + 0.3 * members, 0.01, 0.99)
    chances = chances if decimals is None else np.round(chances, decimals)
    return chances, chances >= rng.uniform(0.2, 0.7, labels), members


def by_scikit_learn(name: str, p: NDArray[np.float64], answers: NDArray[np.bool_], y: NDArray[np.bool_]) -> float:
    if name == "subset_accuracy":
        return float(oracle.accuracy_score(y, answers))
    if name == "hamming_loss":
        return float(oracle.hamming_loss(y, answers))
    if name == "log_loss":
        return float(oracle.log_loss(y.ravel(), p.ravel(), labels=[False, True]))
    average, _, kind = name.partition("_")
    score = {"f1": oracle.f1_score, "precision": oracle.precision_score, "recall": oracle.recall_score}[kind]
    seen = np.flatnonzero((y | answers).any(axis=0))
    return float(score(y, answers, average=average, labels=seen, zero_division=0))


@pytest.mark.parametrize("name", LABEL_METRICS)
@pytest.mark.parametrize("labels", [2, 3, 17])
@pytest.mark.parametrize("decimals", [None, 1])
def test_equals_scikit_learn(name: str, labels: int, decimals: int | None) -> None:
    p, answers, y = case(211, labels, seed=labels, decimals=decimals)
    found = LABEL_METRICS[name].value(counter(p, answers, y)(np.ones((1, len(y)))))
    assert found == pytest.approx([by_scikit_learn(name, p, answers, y)], abs=1e-12)


@pytest.mark.parametrize("name", LABEL_METRICS)
def test_weights_are_repeated_rows(name: str) -> None:
    p, answers, y = case(60, 7, seed=3, share=0.1)
    weights = np.random.default_rng(4).integers(0, 4, size=(6, 60))
    found = LABEL_METRICS[name].value(counter(p, answers, y)(weights.astype(np.float64)))
    for value, times in zip(found, weights, strict=True):
        again = [np.repeat(a, times, axis=0) for a in (p, answers, y)]
        count = counter(*again)(np.ones((1, int(times.sum()))))
        assert value == pytest.approx(float(LABEL_METRICS[name].value(count)[0]), abs=1e-12)


@pytest.mark.parametrize("decimals", [0, 1, 2, 8])
def test_average_precision_equals_scikit_learn_with_ties_and_weights(decimals: int) -> None:
    rng = np.random.default_rng(decimals)
    for rows in (2, 5, 40, 200):
        scores, y = np.round(rng.random(rows), decimals), rng.random(rows) < 0.4
        y[0] = True
        weights = rng.integers(0, 4, size=(5, rows)).astype(np.float64)
        weights[:, 0] = 1
        found = average_precision(scores, y)(weights)
        expected = [oracle.average_precision_score(y, scores, sample_weight=row) for row in weights]
        np.testing.assert_allclose(found, expected, atol=1e-12)


def test_nothing_to_divide_by_is_not_a_number() -> None:
    nothing = np.zeros((3, 2), dtype=np.bool_)
    counts = counter(np.full((3, 2), 0.1), nothing, nothing)(np.ones((1, 3)))
    undefined = {name for name, metric in LABEL_METRICS.items() if np.isnan(metric.value(counts)[0])}
    assert undefined == set(LABEL_METRICS) - {"subset_accuracy", "hamming_loss", "log_loss"}
    assert np.isnan(average_precision(np.array([0.2, 0.3]), np.array([False, False]))(np.ones((2, 2)))).all()
    assert np.isnan(average_precision(np.empty(0), np.empty(0, dtype=np.bool_))(np.ones((2, 0)))).all()
