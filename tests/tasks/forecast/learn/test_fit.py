"""Training, from histories to forecasts."""

from __future__ import annotations

import numpy as np
import pytest

from recurra.errors import DataError, OptionError
from recurra.tasks.forecast.anchor import anchored
from recurra.tasks.forecast.history import History
from recurra.tasks.forecast.inputs import ForecastInputs
from recurra.tasks.forecast.learn.fit import FittedForecast, fit_forecast, network_shape, usual_segment
from recurra.tasks.forecast.model import ForecastModel
from recurra.tasks.forecast.options import ForecastOptions
from support.forecast import waves

QUICK = {"hidden": 12, "members": 1, "threads": 1, "epochs": 20, "horizon": 5, "learning_rate": 0.02}


def loaded(fitted: FittedForecast) -> ForecastModel:
    return ForecastModel(fitted.shape, fitted.inputs, fitted.graph, threads=1)


def beats(steps: int, seed: int) -> np.ndarray:
    """Return a series that no smoothing follows: a period of 7 to 11 that varies."""
    rng = np.random.default_rng(seed)
    phase = np.cumsum(2 * np.pi / 9 + 0.05 * rng.normal(size=steps))
    return np.asarray(20 + 8 * np.sin(phase + seed) + 0.3 * rng.normal(size=steps))


def test_what_the_anchor_cannot_do_is_learnt() -> None:
    series = [beats(160, seed) for seed in range(2)]
    histories = [History(values[:150], str(seed)) for seed, values in enumerate(series)]
    fitted = fit_forecast(histories, 1, ForecastOptions(**QUICK))
    assert fitted.shares.general > 0.5
    assert set(fitted.inputs.shares) == {"0", "1"}
    assert 0.5 < fitted.inputs.band < 2
    found = loaded(fitted).predict(histories)[:, :, 1]
    anchor = np.stack([anchored(one.values, 1, 5).middle[-1] for one in histories])
    truth = np.stack([values[150:155] for values in series])
    assert np.abs(found - truth).mean() < 0.7 * np.abs(anchor - truth).mean()
    assert fitted.history[0]["valid_loss"] > fitted.history[-1]["valid_loss"]


def test_a_straight_line_and_a_series_too_short_to_learn_from() -> None:
    fitted = fit_forecast([np.arange(1.0, 14)], 1, ForecastOptions(**QUICK))
    assert (fitted.epochs, fitted.shares.general, fitted.history) == (0, 0.0, [])
    found = loaded(fitted).predict([np.arange(1.0, 31), np.arange(900.0, 800, -2)])
    np.testing.assert_allclose(found[0, :, 1], np.arange(31, 36), atol=1e-2)
    np.testing.assert_allclose(found[1, :, 1], np.arange(800, 790, -2), atol=1e-2)
    fitted = fit_forecast([[5.0, 6.0, 7.0]], 12, ForecastOptions(**QUICK))
    assert fitted.windows == 0
    assert np.isfinite(loaded(fitted).predict([[5.0, 6.0, 7.0]])).all()


def test_gaps_seasons_and_the_same_seed() -> None:
    series = [waves(60), waves(45, seed=1)]
    series[0][[4, 20, 21, 59]] = np.nan
    options = ForecastOptions(**{**QUICK, "epochs": 2})
    first, second = (fit_forecast(series, 6, options) for _ in range(2))
    assert first.graph == second.graph
    assert (first.inputs, first.shape.segment, first.inputs.season) == (second.inputs, 5, 6)
    assert first.inputs.shares == {}
    assert np.isfinite(loaded(first).predict(series)).all()


def test_future_covariates_are_learnt() -> None:
    rng = np.random.default_rng(0)
    series, histories = [], []
    for number in range(3):
        promotion = (rng.random((155, 1)) < 0.3).astype(float)
        values = 50 + 10 * number + 8 * promotion[:, 0] + 0.3 * rng.normal(size=155)
        static = np.array([float(number)])
        histories.append(History(values[:150], str(number), None, promotion, static))
        series.append(values)
    names = {"future": ["promotion"], "static": ["shop"]}
    fitted = fit_forecast(histories, 1, ForecastOptions(**QUICK), names=names)
    assert (fitted.shape.future, fitted.shape.static, fitted.inputs.future.names) == (1, 1, ["promotion"])
    found = loaded(fitted).predict(histories)[:, :, 1]
    truth = np.stack([values[150:] for values in series])
    assert np.abs(found - truth).mean() < 2  # 3.4 for the anchor
    with pytest.raises(DataError, match="Every series needs the 1 future covariates"):
        fit_forecast([*histories, History(series[0], "x")], 1, ForecastOptions(**QUICK), names=names)


def test_what_cannot_be_learnt_from() -> None:
    with pytest.raises(DataError, match="no series"):
        fit_forecast([], 1, ForecastOptions())
    with pytest.raises(DataError, match="known values"):
        fit_forecast([[1.0, 2.0]], 1, ForecastOptions())
    with pytest.raises(OptionError, match="--season 0"):
        fit_forecast([waves(20)], 0, ForecastOptions())


@pytest.mark.parametrize(
    ("season", "horizon", "segment", "segments"),
    [(12, 18, 12, 8), (4, 8, 4, 8), (1, 6, 3, 8), (52, 13, 13, 8), (48, 48, 48, 2), (1, 1, 1, 8), (7, 3, 3, 8)],
)
def test_segments(season: int, horizon: int, segment: int, segments: int) -> None:
    shape = network_shape(ForecastInputs(season=season), ForecastOptions(horizon=horizon))
    assert (usual_segment(season, horizon), shape.segments) == (segment, segments)
