"""The nearest series by brute force, however its work is bounded, and what its name says of that."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from recurra.tasks.series.learn.nearest import LONGEST, NAME, drawn_evenly, fit_nearest, shortened
from support.series import waves

Floats = NDArray[np.float32]


def warped(one: Floats, other: Floats, band: int | None = None) -> float:
    """The least sum of squared distances along a path, cell by cell."""
    width = len(one) + len(other) if band is None else max(band, abs(len(one) - len(other)))

    @cache
    def cost(s: int, t: int) -> float:
        if s < 0 or t < 0 or abs(s - t) > width:
            return np.inf
        here = float(((one[s] - other[t]) ** 2).sum())
        return here if s == t == 0 else here + min(cost(s - 1, t), cost(s, t - 1), cost(s - 1, t - 1))

    return cost(len(one) - 1, len(other) - 1)


def standard(series: list[Floats], training: list[Floats]) -> list[Floats]:
    whole = np.concatenate(training).astype(np.float64)
    return [((one - whole.mean(axis=0)) / whole.std(axis=0)).astype(np.float32) for one in series]


@pytest.mark.parametrize("cells", [10_000_000, 9_000])
def test_the_nearest_is_that_of_brute_force_on_ragged_series(cells: int) -> None:
    rng = np.random.default_rng(0)
    training = [rng.normal([3, -50], [1, 20], (rng.integers(1, 40), 2)).astype(np.float32) for _ in range(30)]
    asked = [rng.normal([3, -50], [1, 20], (rng.integers(1, 40), 2)).astype(np.float32) for _ in range(12)]
    numbers = rng.normal(size=30)
    fitted = fit_nearest(training, numbers, cells=cells)
    assert (fitted.band is None) == (cells == 10_000_000) and len(fitted) == 30
    ours, theirs = standard(training, training), standard(asked, training)
    expected = [np.argmin([warped(one, other, fitted.band) for other in ours]) for one in theirs]
    np.testing.assert_array_equal(fitted.predict(asked), numbers[expected])


def test_waves_are_told_apart_and_a_training_series_is_nearest_to_itself() -> None:
    series, labels = waves(90, noise=0.1)
    fitted = fit_nearest(series, labels)
    assert fitted.name == NAME
    np.testing.assert_array_equal(fitted.predict(series), labels)
    others, expected = waves(60, seed=1, noise=0.1)
    assert (fitted.predict(others) == expected).mean() > 0.7


def test_work_is_bounded_and_the_name_says_so() -> None:
    series, labels = waves(90)
    banded = fit_nearest(series, labels, cells=50_000)
    assert banded.name == f"{NAME}, within 10 % of the length" and len(banded) == 90
    few = fit_nearest(series, labels, cells=5_000)
    assert few.name == f"{NAME}, within 10 % of the length, {len(few)} of 90 series" and 10 < len(few) < 30
    np.testing.assert_array_equal(few.predict(series), fit_nearest(series, labels, cells=5_000).predict(series))
    rng = np.random.default_rng(0)
    long = [rng.normal(size=(LONGEST * 2 + 1, 1)).cumsum(axis=0).astype(np.float32) for _ in range(4)]
    shorter = fit_nearest(long, np.arange(4))
    assert shorter.name.startswith(f"{NAME}, the means of 3 steps")
    np.testing.assert_array_equal(shorter.predict(long), np.arange(4))


def test_of_each_label_as_many_are_drawn() -> None:
    labels = np.repeat([0, 1, 2], [50, 3, 10])
    rng = np.random.default_rng(0)
    rows = drawn_evenly(labels, 12, rng)
    assert np.bincount(labels[rows]).tolist() in ([5, 3, 4], [4, 3, 5])
    assert np.bincount(labels[drawn_evenly(labels, 1, rng)]).tolist() == [1, 1, 1]
    numbers = rng.normal(size=20)
    assert len(set(drawn_evenly(numbers, 7, rng).tolist())) == 7


def test_neighbouring_steps_are_averaged() -> None:
    series = np.array([[1, 0], [3, 2], [7, 7]], dtype=np.float32)
    np.testing.assert_array_equal(shortened(series, 2), [[2, 1], [7, 7]])
    assert shortened(series, 1) is series


def test_flat_channels_and_numbers_far_beyond_the_training_do_no_harm() -> None:
    series, labels = waves(30)
    for one in series:
        one[:, 1] = 7
    fitted = fit_nearest(series, labels)
    np.testing.assert_array_equal(fitted.predict(series), labels)
    assert fitted.predict([np.full((5, 2), 1e30, dtype=np.float32)])[0] in (0, 1, 2)
