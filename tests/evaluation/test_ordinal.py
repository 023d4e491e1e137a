"""Metrics of ordered classes against scikit-learn's, their weights as repeated rows, and the paired test of steps."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn import metrics as oracle

from recurra.errors import DataError
from recurra.evaluation.ordinal import METRICS, compare_steps, label_values, score_order

Classified = Callable[..., tuple[NDArray[np.float64], NDArray[np.int64]]]


def judged(name: str, p: NDArray[np.float64], y: NDArray[np.int64]) -> float:
    predicted = p.argmax(axis=1)
    if name == "adjacent_accuracy":
        return float(np.mean([abs(int(a) - int(b)) <= 1 for a, b in zip(predicted, y, strict=True)]))
    if name == "steps_off":
        return float(oracle.mean_absolute_error(y, predicted))
    assert name == "weighted_kappa"
    return float(oracle.cohen_kappa_score(y, predicted, weights="quadratic", labels=range(p.shape[1])))


@pytest.mark.parametrize("name", list(METRICS))
@pytest.mark.parametrize("classes", [2, 3, 7])
def test_equals_scikit_learn_and_weights_are_repeated_rows(classified: Classified, name: str, classes: int) -> None:
    p, y = classified(131, classes, seed=classes)
    assert METRICS[name](p, y) == pytest.approx(judged(name, p, y), abs=1e-12)
    weights = np.random.default_rng(4).integers(0, 4, size=(6, 131))
    found = METRICS[name].prepare(p, y)(weights.astype(np.float64))
    repeated = [judged(name, np.repeat(p, w, axis=0), np.repeat(y, w)) for w in weights]
    np.testing.assert_allclose(found, repeated, rtol=1e-10)


def test_labels_that_are_numbers_have_an_error_in_their_unit(classified: Classified) -> None:
    p, y = classified(90, 4, seed=1)
    labels, values = ["1", "2.5", "3", "10"], np.array([1, 2.5, 3, 10])
    scores = score_order(p, y, labels)
    assert scores["label_error"] == pytest.approx(oracle.mean_absolute_error(values[y], values[p.argmax(axis=1)]))
    for name in (*METRICS, "label_error"):
        low, high = scores[f"{name}_ci95"]
        assert low <= scores[name] <= high
        assert low < high
    assert "label_error" not in score_order(p, y, ["bad", "fair", "good", "4"])


def test_label_values() -> None:
    values = label_values(["-1", "0.5", "2"])
    assert values is not None
    assert values.tolist() == [-1, 0.5, 2]
    assert label_values(["1", "two"]) is None
    assert label_values(["1", "inf"]) is None


def test_kappa_is_undefined_where_all_is_one_class_and_the_scores_are_json() -> None:
    sure = np.tile([0.9, 0.1], (5, 1))
    scores = score_order(sure, np.zeros(5, dtype=np.int64), ["1", "2"])
    assert scores["weighted_kappa"] is None
    assert scores["weighted_kappa_ci95"] is None
    assert scores["adjacent_accuracy"] == 1
    assert scores["steps_off"] == 0


def test_fewer_steps_off_are_told_from_chance() -> None:
    generator = np.random.default_rng(0)
    y = generator.integers(0, 5, 300)
    near, far = np.clip(y + generator.integers(-1, 2, 300), 0, 4), generator.integers(0, 5, 300)
    found = compare_steps(near, far, y)
    assert found["difference"] == pytest.approx(np.abs(near - y).mean() - np.abs(far - y).mean())
    assert found["p_value"] < 0.001
    assert found["difference_ci95"][0] < found["difference"] < found["difference_ci95"][1] < 0
    assert compare_steps(near, near, y)["p_value"] == 1
    with pytest.raises(DataError):
        compare_steps(near, far[:3], y)
