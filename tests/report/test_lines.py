"""Which points of a line are drawn."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from recurra.report.lines import few, runs


def test_runs_are_where_values_are_known() -> None:
    rng = np.random.default_rng(0)
    for length in (0, 1, 2, 30):
        known = rng.random(length) < 0.6
        found = list(runs(known))
        assert [step for run in found for step in range(run.start, run.stop)] == np.flatnonzero(known).tolist()
        assert all(before.stop < after.start for before, after in pairwise(found))


@pytest.mark.parametrize("length", [1, 8, 9, 1000])
def test_a_few_points_have_the_ends_and_the_extremes(length: int) -> None:
    rng = np.random.default_rng(length)
    values, places = rng.normal(size=1200), np.arange(100, 100 + length)
    found = few(values, places, 4)
    assert set(found) <= set(places) and (np.diff(found) > 0).all()
    assert (found[0], found[-1]) == (places[0], places[-1])
    assert {places[values[places].argmin()], places[values[places].argmax()]} <= set(found)
    assert len(found) == length if length <= 8 else len(found) <= 10
