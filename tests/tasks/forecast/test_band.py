"""The middle counts in part, and the band keeps its distance from it."""

from __future__ import annotations

import numpy as np
import pytest

from recurra.tasks.forecast.band import LEVELS, USUAL, corrected


def test_share_and_band() -> None:
    quantiles = np.array([[[1.0, 2, 5], [-4, -2, -1]], [[0, 1, 2], [3, 4, 6]]])
    found = corrected(quantiles, np.array([[0.5], [0.0]]), 2.0)
    half = 1.6 / 2  # of the usual distance
    below, above = 2 * (np.array([[1, 2], [1, 1]]) / 2 + half), 2 * (np.array([[3, 1], [1, 2]]) / 2 + half)
    middle = np.array([[1, -1], [0, 0]])
    np.testing.assert_allclose(found, np.stack([middle - below, middle, middle + above], axis=-1))


def test_the_usual_distance_covers_normal_errors() -> None:
    errors = np.random.default_rng(0).normal(scale=3, size=100_000)
    distance = USUAL * np.abs(errors).mean()
    assert (np.abs(errors) <= distance).mean() == pytest.approx(LEVELS[-1] - LEVELS[0], abs=0.005)
