"""The methods of statsforecast, where it is installed, and what is done where it is not."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from recurra.tasks.forecast.learn import statistical
from recurra.terminal.progress import Reporter
from support.forecast import waves

QUIET = Reporter(quiet=True)


class LastValue:
    """A method that repeats the last value, between 1 below and 2 above; it knows no series that begins with 13."""

    def __init__(self, season_length: int) -> None:
        self.season_length = season_length

    def forecast(self, y: np.ndarray, h: int, level: list[int]) -> dict[str, np.ndarray]:
        if y[0] == 13:
            raise Exception("tiny datasets")
        assert np.isfinite(y).all() and level == [80]
        mean = np.full(h, y[-1] + 100 * self.season_length)
        return {"mean": mean, "lo-80": mean - 1, "hi-80": mean + 2}


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> None:
    models: Any = ModuleType("statsforecast.models")
    models.AutoETS = models.AutoTheta = LastValue
    whole = ModuleType("statsforecast")
    monkeypatch.setitem(sys.modules, "statsforecast", whole)
    monkeypatch.setitem(sys.modules, "statsforecast.models", models)
    monkeypatch.setattr(statistical, "find_spec", lambda name: object())


def test_nothing_without_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statistical, "find_spec", lambda name: None)
    assert statistical.forecasts([waves(20)], 4, 3, 0, QUIET) == {}


@pytest.mark.usefixtures("library")
def test_each_series_has_its_quantiles_or_none() -> None:
    histories = [np.array([1.0, np.nan, 5]), np.array([13.0, 2, 3]), np.array([7.0, 8, np.nan, 9])]
    found = statistical.forecasts(histories, 30, 2, 0, QUIET)
    assert found.keys() == {"AutoETS", "AutoTheta"}
    ets, theta = found["AutoETS"], found["AutoTheta"]
    assert ets[1] is None and theta[1] is None
    np.testing.assert_array_equal(ets[0], [[104, 105, 107]] * 2)  # a season that AutoETS does not know is none
    np.testing.assert_array_equal(theta[2], [[3008, 3009, 3011]] * 2)


@pytest.mark.usefixtures("library")
def test_of_many_series_some_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statistical, "MOST", 5)
    found = statistical.forecasts([np.array([1.0, 2, n]) for n in range(40)], 1, 2, 0, QUIET)
    assert sum(one is not None for one in found["AutoETS"]) == 5


@pytest.mark.skipif(find_spec("statsforecast") is None, reason="needs the extra forecast")
def test_the_library_itself() -> None:
    line = np.arange(40.0) + np.tile([0, 5, 0, -5], 10)
    found = statistical.forecasts([line], 4, 4, 0, QUIET)
    for answers in found.values():
        (quantiles,) = answers
        assert quantiles is not None
        np.testing.assert_allclose(quantiles[:, 1], [40, 46, 42, 38], atol=1.5)
        assert (np.diff(quantiles, axis=1) >= 0).all()
