from __future__ import annotations

import numpy as np
import pytest

pd = pytest.importorskip("pandas")

from peers.jobs.forecast_job import METHODS, filled, table  # noqa: E402 (it needs pandas)


def test_gaps_are_on_the_line_between_their_neighbours() -> None:
    np.testing.assert_allclose(filled([None, 2.0, None, None, 8.0, None]), [2, 2, 4, 6, 8, 8])


def test_the_long_form_keeps_every_series_in_order() -> None:
    series = [[3.0, 1.0, None, 4.0], [5.0, 9.0], [2.0]]
    found = table({"series": series, "pandas": "MS"})
    assert found["unique_id"].is_monotonic_increasing  # as answers are sorted by it
    for (_, part), values in zip(found.groupby("unique_id"), series, strict=True):
        np.testing.assert_allclose(part["y"], filled(values))
        assert part["ds"].is_monotonic_increasing
        assert (part["ds"].dt.day == 1).all()


def test_a_series_of_every_frequency_has_its_times() -> None:
    for name in ("MS", "QS", "YS", "W", "h", "30min"):
        found = table({"series": [[1.0] * 300], "pandas": name})
        assert found["ds"].is_unique


def test_a_season_longer_than_exponential_smoothing_takes_has_no_answer() -> None:
    pytest.importorskip("statsforecast")
    question = {"season": 52, "horizon": 3, "series": [[1.0, 2.0] * 60]}
    assert METHODS["AutoETS"](question) == [None]
    (answer,) = METHODS["AutoTheta"]({**question, "season": 2})
    assert answer is not None
    assert np.shape(answer) == (3, 3)
