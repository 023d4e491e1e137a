"""The middle counts in part, and the band keeps its distance from it."""

from __future__ import annotations

import numpy as np
import pytest

from recurra.tasks.forecast.band import LEVELS, USUAL, corrected


def test_share_and_band() -> None:
    quantiles = np.array([[[1.0, 2, 5], [-4, -2, -1]], [[0, 1, 2], [3, 4, 6]]])
    found = corrected(quantiles, np.array([[0.5], [0.0]]), 2.0, 0.25)
    usual = 0.75 * 1.6
    below, above = 2 * (np.array([[1, 2], [1, 1]]) / 4 + usual), 2 * (np.array([[3, 1], [1, 2]]) / 4 + usual)
    middle = np.array([[1, -1], [0, 0]])
    np.testing.assert_allclose(found, np.stack([middle - below, middle, middle + above], axis=-1))


def test_all_of_the_distance_may_be_learnt() -> None:
    quantiles = np.sort(np.random.default_rng(0).normal(size=(4, 5, 3)), axis=-1)
    np.testing.assert_allclose(corrected(quantiles, 1.0, 1.0, 1.0), quantiles)
    middle = quantiles[..., 1:2]
    np.testing.assert_allclose(corrected(quantiles, 0.0, 3.0, 1.0), 3 * (quantiles - middle), atol=1e-12)


def test_the_usual_distance_covers_normal_errors() -> None:
    errors = np.random.default_rng(0).normal(scale=3, size=100_000)
    distance = USUAL * np.abs(errors).mean()
    assert (np.abs(errors) <= distance).mean() == pytest.approx(LEVELS[-1] - LEVELS[0], abs=0.005)
