"""Windows to learn from."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from recurra.tasks.forecast.anchor import anchored
from recurra.tasks.forecast.history import History
from recurra.tasks.forecast.inputs import ForecastInputs, covariates
from recurra.tasks.forecast.learn.examples import FARTHEST, Examples, examples, some_steps
from recurra.tasks.forecast.shape import ForecastShape
from recurra.tasks.forecast.windows import window
from support.forecast import shape, waves

INPUTS = ForecastInputs(season=6)


def made(network: ForecastShape | None = None) -> Examples:
    network = network or shape()
    series = [waves(30), waves(90, seed=3)]
    anchors = [anchored(values, 6, 5) for values in series]
    histories = [History(values) for values in series]
    return examples(anchors, histories, [range(11, 29), range(11, 89)], [30, 90], INPUTS, network)


def test_targets_are_errors_of_the_anchor_before_the_end() -> None:
    values, network = waves(40), shape()
    values[20] = np.nan
    values[33] += 1000
    anchor, end = anchored(values, 6, 5), 36
    arguments = ([anchor], [History(values)], [range(11, 39)], [end], INPUTS, network)
    found = examples(*arguments)
    learnt = found.batch(np.arange(len(found)))[1].numpy()
    assert len(found) == end - 1 - 11  # a window needs a value after it, before the end
    for place, step in enumerate(range(11, end - 1)):
        coming = np.full(5, np.nan)
        coming[: min(5, end - step - 1)] = values[step + 1 : min(end, step + 6)]
        error = (coming - anchor.middle[step]) / anchor.spread[step]
        assert found.ages[place] == end - 1 - step
        np.testing.assert_allclose(found.targets[place], error, rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(learnt[place], np.clip(error, -FARTHEST, FARTHEST), rtol=1e-4, atol=1e-5)
        np.testing.assert_array_equal(found.frames[place], window(anchor, History(values), step, INPUTS, network)[0])
    assert np.nanmax(np.abs(found.targets)) > 10


def test_longer_series_are_drawn_more_often_but_not_as_much() -> None:
    rows, rng = made(), np.random.default_rng(0)
    assert np.bincount(rows.series).tolist() == [18, 78]
    drawn = np.concatenate([batch for _ in range(300) for batch in rows.batches(7, rng)])
    turned = drawn < 0
    assert 0.45 < turned.mean() < 0.55
    places = np.where(turned, ~drawn, drawn)
    share = (rows.series[places] == 1).mean()
    assert abs(share - 78**0.5 / (78**0.5 + 18**0.5)) < 0.02
    assert max(map(len, rows.batches(7, rng))) == 7
    assert sum(map(len, rows.batches(7, rng))) == len(rows)


def test_a_window_upside_down_is_that_of_the_series_upside_down() -> None:
    values, network = waves(60) - 60, shape()  # not all above 0, so there are no logarithms
    steps, ends = [range(20, 50)], [60]
    up = examples([anchored(values, 6, 5)], [History(values)], steps, ends, INPUTS, network)
    down = examples([anchored(-values, 6, 5)], [History(-values)], steps, ends, INPUTS, network)
    chosen = np.array([3, 17, 0])
    windows, targets = up.batch(~chosen)
    same, expected = down.batch(chosen)
    np.testing.assert_allclose(windows.frames, same.frames, atol=1e-5)
    np.testing.assert_allclose(windows.known, same.known, atol=1e-5)
    np.testing.assert_allclose(targets, expected, atol=1e-4)
    np.testing.assert_array_equal(up.windows(slice(0, 2)).frames, up.frames[:2])


def test_some_of_the_windows() -> None:
    rows = made()
    chosen = np.random.default_rng(0).random(len(rows)) < 0.3
    some = rows.only(chosen)
    assert len(some) == chosen.sum()
    for name in ("frames", "known", "targets", "series", "ages"):
        np.testing.assert_array_equal(getattr(some, name), getattr(rows, name)[chosen])


def test_with_covariates_nothing_is_upside_down() -> None:
    values, future = waves(30), np.arange(35.0)[:, None]
    inputs = ForecastInputs(season=6, future=covariates(["c"], [future]))
    history = History(values, future=future)
    rows = examples([anchored(values, 6, 5)], [history], [range(11, 29)], [30], inputs, shape(future=1))
    drawn = np.concatenate(rows.batches(4, np.random.default_rng(0)))
    assert (drawn >= 0).all()


@given(
    sizes=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 30)), max_size=12),
    most=st.integers(1, 60),
    seed=st.integers(0, 5),
)
def test_of_many_steps_some_are_drawn_evenly(sizes: list[tuple[int, int]], most: int, seed: int) -> None:
    steps = [range(start, start + count) for start, count in sizes]
    found = some_steps(steps, most, seed)
    total = sum(count for _, count in sizes)
    assert sum(map(len, found)) == min(most, total) and len(found) == len(steps)
    for drawn, whole in zip(found, steps, strict=True):
        assert list(drawn) == sorted(set(drawn)) and set(drawn) <= set(whole)
    assert [list(one) for one in some_steps(steps, most, seed)] == [list(one) for one in found]
