"""The forecasts that a network corrects."""

from __future__ import annotations

import numpy as np
import pytest

from recurra.tasks.forecast.anchor import anchored, blended
from recurra.tasks.forecast.simple import seasonal_naive
from support.forecast import waves


def test_a_straight_line_goes_on() -> None:
    for start, slope in ((1.0, 1.0), (500.0, -3.0)):
        values = start + slope * np.arange(90.0)
        anchor = anchored(values, 1, 6)
        np.testing.assert_allclose(anchor.middle[-1], start + slope * np.arange(90, 96), atol=1e-3)
        assert (anchor.spread[-1] < abs(slope)).all()  # of the first steps, before it was known to be a line


def test_a_growing_season_goes_on_better_than_the_last_one() -> None:
    time = np.arange(120)
    values = np.exp(3 + 0.01 * time + 0.3 * np.sin(2 * np.pi * time / 12))
    anchor = anchored(values[:108], 12, 12)
    naive = np.abs(seasonal_naive(values[:108], 12, 12) - values[108:]).mean()
    assert np.abs(anchor.middle[-1] - values[108:]).mean() < naive / 5


def test_nothing_is_seen_before_it_comes() -> None:
    values = waves(60)
    whole = anchored(values, 6, 5)
    for end in (20, 33, 59):
        part = anchored(values[:end], 6, 5)
        for name in ("middle", "spread", "errors"):
            np.testing.assert_allclose(getattr(whole.until(end), name), getattr(part, name), rtol=1e-9)
        assert len(part) == end


def test_the_spread_is_how_wrong_the_forecasts_were() -> None:
    values = waves(400, noise=1.0)
    anchor = anchored(values, 6, 3)
    np.testing.assert_allclose(anchor.errors[1:], values[1:] - anchor.middle[:-1, 0])
    for ahead in (1, 3):
        off = np.abs(values[ahead:] - anchor.middle[:-ahead, ahead - 1])
        assert anchor.spread[-1, ahead - 1] == pytest.approx(off.mean(), rel=0.03)


def test_gaps_are_passed_over() -> None:
    values = waves(80, noise=0.0)
    values[[3, 20, 21, 22, 50, 79]] = np.nan
    anchor = anchored(values, 6, 4)
    assert np.isfinite(anchor.middle).all()
    assert np.isfinite(anchor.spread).all()
    assert np.isnan(anchor.errors[[0, 3, 20, 79]]).all()
    np.testing.assert_allclose(anchor.middle[-1], waves(84, noise=0.0)[80:], atol=0.5)


@pytest.mark.parametrize(
    "values", [np.full(30, 7.0), np.zeros(30), np.array([3.0, 3.0, np.nan]), np.array([1e25, 2e25])]
)
def test_what_never_moves_has_a_spread_above_zero(values: np.ndarray) -> None:
    anchor = anchored(values, 4, 3)
    assert (anchor.spread > 0).all()
    assert np.isfinite(anchor.middle).all()
    if values[0] < 10:
        np.testing.assert_allclose(anchor.middle[-1], values[0])


def test_the_unit_does_not_matter() -> None:
    values = waves(50)
    one, other = anchored(values, 6, 4), anchored(values * 1e6, 6, 4)
    np.testing.assert_allclose(other.middle, one.middle * 1e6, rtol=1e-6)
    np.testing.assert_allclose(other.spread, one.spread * 1e6, rtol=1e-6)


def test_without_the_kernel_the_answers_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    series = [waves(60, season=12), np.array([3.0, np.nan, 4, 4, 5])]
    with_it = [anchored(values, 12, 6) for values in series]
    monkeypatch.setattr("recurra.tasks.forecast.anchor.library", lambda: None)
    for values, found in zip(series, with_it, strict=True):
        plain = anchored(values, 12, 6)
        np.testing.assert_allclose(found.middle, plain.middle, rtol=1e-9)
        np.testing.assert_allclose(found.spread, plain.spread, rtol=1e-9)


@pytest.mark.parametrize("kernel", [True, False])
@pytest.mark.parametrize("missing", [[], [3, 20, 59]])
@pytest.mark.parametrize("level", [0, 70])
def test_the_last_forecast_is_the_mean_of_smoothings_by_their_weights(
    missing: list[int], kernel: bool, level: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not kernel:
        monkeypatch.setattr("recurra.tasks.forecast.anchor.library", lambda: None)
    values = waves(60) - level
    values[missing] = np.nan
    anchor, blend = blended(values, 6, 5)
    assert len(blend.smoothings) == len(blend.weights) == len(blend.forecasts)
    assert any(one.log for one in blend.smoothings) == (level == 0)
    assert blend.weights.sum() == pytest.approx(1) and (blend.weights >= 0).all()
    np.testing.assert_allclose(blend.weights @ blend.forecasts, anchor.middle[-1], rtol=1e-10)
    for name in ("middle", "spread", "errors"):
        np.testing.assert_array_equal(getattr(anchor, name), getattr(anchored(values, 6, 5), name))


def test_smoothings_of_the_kernel_and_of_numpy_are_alike_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    values = waves(61)
    _, one = blended(values, 6, 5)
    monkeypatch.setattr("recurra.tasks.forecast.anchor.library", lambda: None)
    _, other = blended(values, 6, 5)
    np.testing.assert_allclose(one.weights, other.weights, rtol=1e-6, atol=1e-12)
    np.testing.assert_allclose(one.forecasts, other.forecasts, rtol=1e-9)
