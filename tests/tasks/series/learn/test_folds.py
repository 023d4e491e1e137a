"""Folds are even, and what is said of a row comes from a network that has not learnt from it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from recurra.tasks.series.learn.examples import Examples
from recurra.tasks.series.learn.folds import FOLDS, folds, unseen_outputs
from recurra.tasks.series.learn.recipe import LONG_SERIES, Recipe
from recurra.tasks.series.options import SeriesOptions
from recurra.training.control import RunControl
from recurra.training.setup import Setup
from support.series import module_of, shape


@pytest.mark.parametrize("count", [3, 10, 100])
def test_each_label_is_spread_over_the_folds(count: int) -> None:
    labels = np.random.default_rng(0).permutation(np.arange(count) % 3)
    fold = folds(labels, "classify", 1)
    for label in range(3):
        sizes = np.bincount(fold[labels == label], minlength=FOLDS)
        assert np.ptp(sizes) <= 1
    assert np.ptp(np.bincount(fold, minlength=FOLDS)) <= 1
    assert (fold == folds(labels, "classify", 1)).all()
    assert count < 10 or (fold != folds(labels, "classify", 2)).any()


def test_small_and_large_numbers_are_spread_over_the_folds() -> None:
    numbers = np.random.default_rng(0).normal(size=31) ** 3
    fold = folds(numbers, "regress", 0)
    ranked = fold[np.argsort(numbers)]
    assert all(set(ranked[start : start + FOLDS]) == set(range(FOLDS)) for start in range(0, 30, FOLDS))


def test_each_row_is_judged_by_a_network_that_has_not_learnt_from_it(monkeypatch: pytest.MonkeyPatch) -> None:
    network = shape(dilations=(), biases=0)
    rng = np.random.default_rng(0)
    frames = [rng.normal(size=(int(length), network.values)).astype(np.float32) for length in rng.integers(1, 9, 12)]
    rows, fold = Examples(frames, np.arange(12) % 3), np.arange(12) // 3 % 3
    stages: list[str] = []
    trained: list[set[int]] = []

    def train(self: Recipe, training: Examples, validation: Examples, control: RunControl, share: float) -> Any:
        trained.append({id(values) for values in training.frames})
        assert not trained[-1] & {id(values) for values in validation.frames} and 0 < share <= 1
        stages.append(control.identity["stage"])
        return module_of(network, seed=len(trained)), []

    monkeypatch.setattr(Recipe, "train", train)
    one = np.ones(network.values, dtype=np.float32)
    recipe = Recipe(network, LONG_SERIES, 0 * one, one, SeriesOptions(), Setup(torch.device("cpu"), False))
    found = unseen_outputs(recipe, rows, fold, RunControl())
    assert stages == ["fold 1 of 3", "fold 2 of 3", "fold 3 of 3"]
    for row, number in enumerate(fold):
        assert id(frames[row]) not in trained[number]
        with torch.inference_mode():
            expected = module_of(network, seed=number + 1)(rows.batch(np.array([row]))[0])[0]
        np.testing.assert_allclose(found[row], expected, atol=1e-5)
