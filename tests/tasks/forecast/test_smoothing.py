"""Each smoothing, found by its parameters, is the recursion of the books, written out."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from numpy.typing import NDArray

from recurra.tasks.forecast.smoothing import LEVELS, SEASONS, TRENDS, Smoothings
from support.forecast import waves

Floats = NDArray[np.float64]


def followed(values: Floats, season: int, horizon: int) -> Floats:
    smoothings = Smoothings(values, season, horizon)
    for value in values:
        smoothings.step(float(value))
    return smoothings.forecasts()


def place(alpha: float, trend: int, gamma: float | None, log: bool, seasonal: bool) -> int:
    seasons = (None, *SEASONS) if seasonal else (None,)
    return list(product(LEVELS, range(len(TRENDS)), seasons, (False, True))).index((alpha, trend, gamma, log))


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize("alpha", [0.1, 0.7])
def test_simple_exponential_smoothing(alpha: float, log: bool) -> None:
    values = waves(30, seed=2)
    level = first = np.log(values[0]) if log else values[0]
    for value in np.log(values) if log else values:
        level = alpha * value + (1 - alpha) * level
    expected = np.exp(level) if log else level
    found = followed(values, 1, 4)[place(alpha, 0, None, log, seasonal=False)]
    np.testing.assert_allclose(found, np.full(4, expected), rtol=1e-12)
    slope = (level - first) / len(values) / 2  # half the line from the first level
    lined = level + slope * np.arange(1, 5)
    if not log:
        theta = followed(values, 1, 4)[place(alpha, 5, None, log, seasonal=False)]
        assert np.diff(theta)[0] > 0
        assert abs(np.diff(theta)[0] - np.diff(lined)[0]) < 0.2 * abs(np.diff(lined)[0]) + 0.05


@pytest.mark.parametrize("trend", [1, 2, 3, 4])
@pytest.mark.parametrize("gamma", [0.1, 0.6])
def test_holt_and_winters_with_a_damped_trend(trend: int, gamma: float) -> None:
    season, alpha, values = 4, 0.25, waves(33, season=4, seed=1)
    beta, phi = TRENDS[trend].follows * alpha, TRENDS[trend].damping
    slope = (values[4:8].mean() - values[:4].mean()) / 4
    level = values[:4].mean() - slope * 2.5
    flat = values[:8] - slope * np.arange(8)
    cycle = list((flat - flat.mean()).reshape(2, 4).mean(axis=0))
    for step, value in enumerate(values):
        error = value - (level + phi * slope + cycle[step % season])
        level, slope = level + phi * slope + alpha * error, phi * slope + beta * error
        cycle[step % season] += gamma * (1 - alpha) * error
    ahead, expected = 0.0, []
    for step in range(1, 8):
        ahead += phi**step
        expected.append(level + ahead * slope + cycle[(len(values) - 1 + step) % season])
    found = followed(values, season, 7)[place(alpha, trend, gamma, False, seasonal=True)]
    np.testing.assert_allclose(found, expected, rtol=1e-10)


def test_a_missing_value_changes_nothing_but_time() -> None:
    values = waves(25, season=4)
    for step in (9, 10, 24):
        values[step] = np.nan
    shorter = followed(values[:24], 4, 4)
    parts = list(product(LEVELS, TRENDS, (None, *SEASONS), (False, True)))
    on = np.array([trend.line in (0, 1) for _, trend, _, _ in parts])  # half a line is of the time that went by
    np.testing.assert_allclose(followed(values, 4, 3)[on], shorter[on, 1:], rtol=1e-9)


def test_series_with_negative_values_and_short_ones() -> None:
    assert len(followed(np.array([-1.0, 2, 3]), 12, 2)) == len(LEVELS) * len(TRENDS)
    assert len(followed(np.array([1.0, 2, 3]), 12, 2)) == len(LEVELS) * len(TRENDS) * 2
    assert len(followed(waves(18), 12, 2)) == len(LEVELS) * len(TRENDS) * (1 + len(SEASONS)) * 2
    assert np.isfinite(followed(waves(18), 12, 2)).all()


def test_logarithms_do_not_run_away() -> None:
    values = np.array([1.0, 1e3, 1e6, 1e9, 1e12])
    assert followed(values, 1, 50).max() <= 1e12 * np.exp(3) * (1 + 1e-9)
