"""The weight of each kind of smoothings is that of those smoothings, and together they are the anchor."""

from __future__ import annotations

import numpy as np
import pytest

from recurra.tasks.forecast.anchor import blended
from recurra.tasks.forecast.smoothing import SEASONS, TRENDS, Parameters
from recurra.tasks.forecast.smoothing_kinds import ASPECTS, KINDS, kind_weights
from support.forecast import waves


@pytest.mark.parametrize(("values", "season"), [(waves(60), 6), (waves(60) - 70, 6), (waves(5), 6), (waves(30), 1)])
def test_kinds_share_the_weight_and_their_forecasts_are_the_anchors(values: np.ndarray, season: int) -> None:
    anchor, blend = blended(values, season, 5)
    found = kind_weights(blend)
    assert [one.aspect for one in found] == sorted((one.aspect for one in found), key=list(ASPECTS).index)
    for aspect in ASPECTS:
        own = [one for one in found if one.aspect == aspect]
        assert [one.kind for one in own] == [kind for kind in KINDS[aspect] if kind in {one.kind for one in own}]
        assert sum(one.weight for one in own) == pytest.approx(1)
        whole = sum(one.weight * one.forecast for one in own if one.forecast is not None)
        np.testing.assert_allclose(whole, anchor.middle[-1], rtol=1e-9)
    kinds = {(one.aspect, one.kind) for one in found}
    assert (("season", "fixed") in kinds) == (len(values) >= 9 and season > 1)
    assert (("scale", "logarithms") in kinds) == (values.min() > 0)


def test_a_kind_is_what_its_smoothings_have_in_common() -> None:
    _, blend = blended(waves(60), 6, 5)
    found = {(one.aspect, one.kind): one.weight for one in kind_weights(blend)}
    pairs = list(zip(blend.smoothings, blend.weights, strict=True))
    assert found["trend", "line"] == pytest.approx(sum(weight for one, weight in pairs if one.trend.line > 0))
    assert found["trend", "damped"] == pytest.approx(sum(weight for one, weight in pairs if 0 < one.trend.damping < 1))
    assert found["season", "changing"] == pytest.approx(sum(weight for one, weight in pairs if one.season))
    assert found["level", "slow"] == pytest.approx(sum(weight for one, weight in pairs if one.level < 0.2))
    assert found["scale", "logarithms"] == pytest.approx(sum(weight for one, weight in pairs if one.log))


def test_every_smoothing_is_of_a_kind_that_is_told() -> None:
    for trend in TRENDS:
        for season in (None, *SEASONS):
            for log in (False, True):
                one = Parameters(0.3, trend, season, log)
                assert all(kind_of(one) in KINDS[aspect] for aspect, kind_of in ASPECTS.items())


def test_a_season_carries_what_repeats_and_a_trend_what_rises() -> None:
    time = np.arange(90)
    _, seasonal = blended(50 + 9 * np.sin(2 * np.pi * time / 6), 6, 5)
    _, rising = blended(20 + 3.0 * time, 1, 5)
    weights = {(one.aspect, one.kind): one.weight for one in kind_weights(seasonal)}
    assert weights["season", "none"] < 0.01
    weights = {(one.aspect, one.kind): one.weight for one in kind_weights(rising)}
    assert weights["trend", "none"] < 0.01 and weights["scale", "values"] > 0.9


def test_smoothings_without_any_weight_have_no_forecast() -> None:
    anchor, blend = blended(waves(60), 6, 5)
    weights = np.where([one.log for one in blend.smoothings], 0.0, blend.weights)
    found = kind_weights(type(blend)(blend.smoothings, weights / weights.sum(), blend.forecasts))
    (none,) = [one for one in found if (one.aspect, one.kind) == ("scale", "logarithms")]
    assert none.weight == 0 and none.forecast is None and len(anchor) == 60
