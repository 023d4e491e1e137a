"""Every metric against scikit-learn's, with and without row weights."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn import metrics as oracle

from recurra.evaluation.classification import METRICS, confidence_bins

Classified = Callable[..., tuple[NDArray[np.float64], NDArray[np.int64]]]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def judged_by_scikit_learn(name: str, p: Floats, y: Integers) -> float:
    classes = p.shape[1]
    if name == "accuracy":
        return float(oracle.accuracy_score(y, p.argmax(axis=1)))
    if name == "macro_f1":
        return float(oracle.f1_score(y, p.argmax(axis=1), average="macro"))
    if name == "roc_auc":
        return float(oracle.roc_auc_score(y, p[:, 1] if classes == 2 else p, multi_class="ovr", average="macro"))
    if name == "log_loss":
        return float(oracle.log_loss(y, p, labels=range(classes)))
    assert name == "brier"
    if classes == 2:
        return float(oracle.brier_score_loss(y, p[:, 1]))
    return float(np.mean([((row - np.eye(classes)[k]) ** 2).sum() for row, k in zip(p, y, strict=True)]))


@pytest.mark.parametrize("name", [name for name in METRICS if name != "ece"])
@pytest.mark.parametrize("classes", [2, 3, 7])
@pytest.mark.parametrize("decimals", [None, 1, 0])
def test_equals_scikit_learn(classified: Classified, name: str, classes: int, decimals: int | None) -> None:
    p, y = classified(211, classes, seed=classes, decimals=decimals)
    assert METRICS[name](p, y) == pytest.approx(judged_by_scikit_learn(name, p, y), abs=1e-12)


@pytest.mark.parametrize("name", list(METRICS))
@pytest.mark.parametrize("classes", [2, 5])
@pytest.mark.parametrize("decimals", [None, 0])
def test_weights_are_repeated_rows(classified: Classified, name: str, classes: int, decimals: int | None) -> None:
    p, y = classified(90, classes, seed=3, decimals=decimals)
    weights = np.random.default_rng(4).integers(0, 4, size=(6, 90))
    found = METRICS[name].prepare(p, y)(weights.astype(np.float64))
    repeated = [METRICS[name](np.repeat(p, w, axis=0), np.repeat(y, w)) for w in weights]
    np.testing.assert_allclose(found, repeated, rtol=1e-12)


@pytest.mark.parametrize("decimals", [0, 1, 2, 8])
def test_weighted_area_equals_scikit_learn_with_ties(decimals: int) -> None:
    generator = np.random.default_rng(decimals)
    for rows in (5, 20, 60):
        scores, targets = np.round(generator.random(rows), decimals), np.arange(rows) % 2
        weights = generator.integers(0, 3, size=(4, rows)).astype(np.float64)
        weights[:, :2] = 1.0  # both classes are there
        found = METRICS["roc_auc"].prepare(np.c_[1 - scores, scores], targets)(weights)
        expected = [oracle.roc_auc_score(targets, scores, sample_weight=w) for w in weights]
        np.testing.assert_allclose(found, expected, atol=1e-12)


def test_calibration_error_by_hand() -> None:
    p = np.array([[0.9, 0.1], [0.92, 0.08], [0.3, 0.7], [0.5, 0.5]])
    y = np.array([0, 1, 1, 0])
    # bins of 1/15: 0.9 and 0.92 share (13/15, 14/15]; 0.7 in (10/15, 11/15]; 0.5 in (7/15, 8/15]
    expected = (abs(1 - 0.9 - 0.92) + abs(1 - 0.7) + abs(1 - 0.5)) / 4
    assert METRICS["ece"](p, y) == pytest.approx(expected, abs=1e-12)


def test_a_confidence_on_an_edge_belongs_to_the_lower_bin() -> None:
    p = np.array([[1.0, 0.0], [0.6, 0.4], [0.61, 0.39]])
    assert confidence_bins(p, bins=10)[1].tolist() == [9, 5, 6]


def test_classes_that_no_row_has_do_not_count() -> None:
    p = np.array([[0.7, 0.2, 0.1], [0.2, 0.7, 0.1], [0.6, 0.3, 0.1]])
    y = np.array([0, 1, 1])
    assert METRICS["macro_f1"](p, y) == pytest.approx(oracle.f1_score(y, p.argmax(axis=1), average="macro"))
    expected = (oracle.roc_auc_score(y == 0, p[:, 0]) + oracle.roc_auc_score(y == 1, p[:, 1])) / 2
    assert METRICS["roc_auc"](p, y) == pytest.approx(expected)


@pytest.mark.parametrize("classes", [2, 3])
def test_area_is_undefined_for_one_class(classes: int) -> None:
    p = np.full((4, classes), 1 / classes)
    assert math.isnan(METRICS["roc_auc"](p, np.ones(4, dtype=np.int64)))


def test_a_sure_error_costs_a_finite_log_loss() -> None:
    p, y = np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([1, 1])
    assert METRICS["log_loss"](p, y) == pytest.approx(oracle.log_loss(y, p, labels=[0, 1]))
