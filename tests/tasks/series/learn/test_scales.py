"""What values and numbers are standardised with, against NumPy; what does not vary stays as it is."""

from __future__ import annotations

import numpy as np

from recurra.tasks.series.learn.scales import number_scale, value_scales


def test_values_have_their_mean_and_deviation_and_marks_do_not() -> None:
    rng = np.random.default_rng(0)
    frames = [rng.normal((5, -3, 0.5), (2, 0.1, 1), (length, 3)).astype(np.float32) for length in (3, 40, 11)]
    mean, deviation = value_scales(frames, 2)
    whole = np.concatenate(frames)
    np.testing.assert_allclose(mean, [*whole[:, :2].mean(axis=0), 0], rtol=1e-5)
    np.testing.assert_allclose(deviation, [*whole[:, :2].std(axis=0), 1], rtol=1e-5)


def test_a_value_that_does_not_vary_has_a_deviation_of_1() -> None:
    frames = [np.full((9, 1), 1234.5, dtype=np.float32)] * 3
    assert value_scales(frames, 1)[1] == 1 and number_scale(np.full(5, 3.0)) == (3.0, 1.0)


def test_numbers_have_their_mean_and_deviation() -> None:
    numbers = np.random.default_rng(0).normal(100, 7, 50)
    assert number_scale(numbers) == (numbers.mean(), numbers.std())
