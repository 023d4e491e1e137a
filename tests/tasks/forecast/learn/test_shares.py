"""How much the network counts for each series."""

from __future__ import annotations

import numpy as np

from recurra.tasks.forecast.learn.shares import chosen_shares


def test_a_series_has_its_own_share() -> None:
    rng = np.random.default_rng(0)
    said = rng.normal(size=(90, 4))
    series = np.repeat([0, 1, 2], 30)
    errors = np.where((series == 0)[:, None], said, np.where((series == 1)[:, None], -said, 0.4 * said))
    errors = errors + 0.05 * rng.normal(size=errors.shape)
    errors[3, 2:] = np.nan
    found = chosen_shares(said, errors, series, 4)
    assert found.own[0] > 0.7
    assert found.own[1] == 0
    assert 0.3 <= found.own[2] <= 0.5
    assert found.own[3] == found.general  # nothing is known of it


def test_hardly_any_gain_is_none() -> None:
    rng = np.random.default_rng(1)
    said, errors = 0.01 * rng.normal(size=(40, 3)), rng.normal(size=(40, 3))
    found = chosen_shares(said, errors, np.zeros(40, dtype=np.int64), 1)
    assert (found.own.tolist(), found.general) == ([0.0], 0.0)
    found = chosen_shares(errors, errors, np.zeros(40, dtype=np.int64), 1)
    assert (found.own.tolist(), found.general, found.gain) == ([1.0], 1.0, 1.0)


def test_nothing_to_judge_by() -> None:
    nothing = np.full((2, 3), np.nan)
    found = chosen_shares(np.ones((2, 3)), nothing, np.array([0, 1]), 2)
    assert (found.own.tolist(), found.general, found.gain) == ([0.0, 0.0], 0.0, 0.0)
    right = chosen_shares(np.ones((2, 3)), np.zeros((2, 3)), np.array([0, 1]), 2)
    assert right.own.tolist() == [0.0, 0.0]
