"""How wide the band must be."""

from __future__ import annotations

import numpy as np
import pytest

from recurra.tasks.forecast.learn.calibrate import MEMORY, NARROWEST, WIDEST, band_factor


@pytest.mark.parametrize("wide", [0.3, 1.0, 4.0])
def test_the_band_covers_its_share(wide: float) -> None:
    rng = np.random.default_rng(0)
    scale = rng.uniform(0.5, 3, size=(600, 4))
    errors = scale * rng.standard_t(3, size=(600, 4)) + 0.5
    errors[::3, 2] = np.nan
    quantiles = scale[..., None] * np.array([-0.7, 0.0, 1.2]) * wide + 0.5
    factor = band_factor(quantiles, errors, rng.integers(0, 5, 600), np.zeros(600, dtype=np.int64))
    middle = quantiles[..., 1]
    below, above = middle - factor * (middle - quantiles[..., 0]), middle + factor * (quantiles[..., 2] - middle)
    known = np.isfinite(errors)
    inside = ((errors >= below) & (errors <= above))[known].mean()
    assert inside == pytest.approx(0.8, abs=0.01)


def test_old_origins_count_less() -> None:
    count, horizon = 4_000, 2
    quantiles = np.broadcast_to(np.array([-1.0, 0, 1]), (count, horizon, 3))
    ages = np.random.default_rng(0).integers(0, 40, count)
    errors = np.broadcast_to(ages[:, None] / 10, (count, horizon))
    series = np.zeros(count, dtype=np.int64)
    weights = np.exp(-np.arange(40) / (MEMORY * horizon)) * np.bincount(ages)
    expected = np.flatnonzero(np.cumsum(weights) / weights.sum() >= 0.8)[0] / 10
    assert band_factor(quantiles, errors, series, ages) == pytest.approx(max(expected, NARROWEST))
    assert band_factor(quantiles, errors, series, ages + 10_000_000) == pytest.approx(max(expected, NARROWEST))
    assert band_factor(quantiles, errors, series, np.zeros_like(ages)) == pytest.approx(3.1, abs=0.11)


def test_each_series_counts_the_same() -> None:
    quantiles = np.broadcast_to(np.array([-1.0, 0, 1]), (1000, 1, 3))
    errors, series = np.full((1000, 1), 0.5), np.zeros(1000, dtype=np.int64)
    errors[:100], series[:100] = 3.0, 1
    one = np.zeros(1000, dtype=np.int64)
    assert band_factor(quantiles, errors, series, one) == pytest.approx(3)
    assert band_factor(quantiles, errors, series, 50 * series) == pytest.approx(3)  # by the age in its own series
    assert band_factor(quantiles, errors, one, one) == pytest.approx(0.5)


def test_bounds_and_nothing_known() -> None:
    quantiles, series = np.broadcast_to(np.array([-1.0, 0, 1]), (30, 2, 3)), np.zeros(30, dtype=np.int64)
    assert band_factor(quantiles, np.full((30, 2), np.nan), series, series) == 1
    assert band_factor(quantiles, np.zeros((30, 2)), series, series) == NARROWEST
    assert band_factor(quantiles, np.full((30, 2), 99.0), series, series) == WIDEST
