"""The middle counts in part, and the band keeps its distance from it."""

from __future__ import annotations

import numpy as np

from recurra.tasks.forecast.band import corrected


def test_share_and_band() -> None:
    quantiles = np.array([[[1.0, 2, 5], [-4, -2, -1]], [[0, 1, 2], [3, 4, 6]]])
    found = corrected(quantiles, np.array([[0.5], [0.0]]), 2.0)
    np.testing.assert_allclose(found, [[[-1, 1, 7], [-5, -1, 1]], [[-2, 0, 2], [-2, 0, 4]]])
