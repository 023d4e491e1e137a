"""The baselines: what they answer, and which of them counts."""

from __future__ import annotations

import numpy as np
from sklearn.linear_model import RidgeCV

from recurra.tasks.series.learn.baseline import Judged, baselines, best, convolutions_baseline, nearest_baseline
from recurra.tasks.series.learn.fit_convolutions import FEATURES, fit_convolutions
from recurra.tasks.series.learn.nearest import fit_nearest
from recurra.tasks.series.learn.ridge import PENALTIES
from support.series import waves


def standard(count: int, seed: int) -> tuple[list[np.ndarray], np.ndarray]:
    series, labels = waves(count, seed=seed)
    return [(values - 5) / 2 for values in series], labels


def test_convolutions_are_those_of_scikit_learns_ridge() -> None:
    (training, labels), (held_out, truth) = standard(45, 0), standard(30, 1)
    found = convolutions_baseline(training, labels, held_out, 3, "classify", seed=4)
    features = fit_convolutions(training, np.random.default_rng(4), FEATURES)
    x = features.of_all(training).astype(float)
    centre, scale = x.mean(axis=0), np.where(x.std(axis=0) > 1e-8, x.std(axis=0), 1)
    oracle = RidgeCV(PENALTIES).fit((x - centre) / scale, np.eye(3)[labels] * 2 - 1)
    expected = oracle.predict((features.of_all(held_out) - centre) / scale).argmax(axis=1)
    assert (found.answers == expected).mean() > 0.95
    assert (found.answers == truth).mean() > 0.8 and len(found.left_out) == 45
    chances = found.probabilities(3)
    assert np.allclose(chances.sum(axis=1), 1) and (chances.argmax(axis=1) == found.answers).all()


def test_numbers() -> None:
    (training, _), (held_out, _) = standard(60, 0), standard(20, 1)
    targets, truth = (np.array([values.mean() for values in part]) for part in (training, held_out))
    found = convolutions_baseline(training, targets, held_out, 1, "regress", seed=0)
    assert np.abs(found.answers - truth).mean() < np.abs(truth - targets.mean()).mean()


def test_the_nearest_answers_some_of_its_own_rows_by_the_others() -> None:
    training, labels = standard(30, 2)
    found = nearest_baseline(training, labels, training, seed=1)
    assert (found.answers == labels).all(), "the nearest of a training series is itself"
    asked = np.flatnonzero(np.isfinite(found.left_out))
    assert len(asked) == 6
    others = np.setdiff1d(np.arange(30), asked)
    expected = fit_nearest([training[row] for row in others], labels[others], seed=1)
    assert (expected.predict([training[row] for row in asked]) == found.left_out[asked]).all()


def test_the_one_with_fewer_errors_on_rows_that_all_left_out() -> None:
    targets = np.array([0, 1, 2, 1])
    none = np.array([], dtype=np.int64)
    first = Judged("first", none, np.array([1.0, 0, 2, 1]))
    second = Judged("second", none, np.array([np.nan, np.nan, 2, 0]))
    assert best([second, first], targets, "classify") is first
    assert best([first, Judged("sure", none, np.array([0.0, 1, 2, 1]))], targets, "classify").name == "sure"
    assert best([first, Judged("off", none, np.array([0.4, 1.2, 2.2, 1.2]))], targets, "regress").name == "off"


def test_both_are_there() -> None:
    (training, labels), (held_out, _) = standard(24, 0), standard(6, 1)
    names = [one.name for one in baselines(training, labels, held_out, 3, "classify", 0)]
    assert names == ["random convolutions with ridge", "nearest series by dynamic time warping"]
