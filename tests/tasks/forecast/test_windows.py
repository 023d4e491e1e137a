"""What the network reads at a step."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from recurra.tasks.forecast.anchor import anchored
from recurra.tasks.forecast.history import History
from recurra.tasks.forecast.inputs import ForecastInputs, covariates
from recurra.tasks.forecast.windows import FARTHEST, window, without_covariate, without_segments
from support.forecast import shape, waves

INPUTS = ForecastInputs(season=6)


@pytest.mark.parametrize("step", [5, 11, 30, 39])
def test_values_errors_and_marks(step: int) -> None:
    values, network = waves(40), shape()
    values[7] = np.nan
    anchor = anchored(values, 6, network.horizon)
    read = window(anchor, History(values), step, INPUTS, network)
    rows = read.frames.reshape(12, 3)
    length = min(12, step + 1)
    here = values[step + 1 - length : step + 1]
    np.testing.assert_array_equal(rows[: 12 - length], 0)
    np.testing.assert_array_equal(rows[12 - length :, 2], np.isfinite(here))
    level = np.nanmean(here[-6:])
    away = max(np.nanmean(np.abs(here - level)), 0.3 * anchor.spread[step].mean())
    expected = np.clip(np.nan_to_num((here - level) / away), -FARTHEST, FARTHEST)
    np.testing.assert_allclose(rows[12 - length :, 0], expected, atol=1e-6)
    errors = np.nan_to_num(anchor.errors[step + 1 - length : step + 1]) / anchor.spread[step].mean()
    np.testing.assert_allclose(rows[12 - length :, 1], np.clip(errors, -FARTHEST, FARTHEST), atol=1e-6)
    ahead = np.clip((anchor.middle[step] - level) / away, -FARTHEST, FARTHEST)
    np.testing.assert_allclose(read.known[:, :3].ravel()[:5], ahead, atol=1e-6)
    assert read.known[1, 2] == 0
    np.testing.assert_allclose(read.known[:, 3], np.log(away / anchor.spread[step].mean()), atol=1e-6)


def test_unit_and_level_do_not_matter_and_neither_does_the_time_to_come() -> None:
    values, network = waves(40) - 100, shape()
    first = window(anchored(values, 6, 5), History(values), 29, INPUTS, network)
    moved = values * 1e4 - 7e6
    moved[30:] = 3.0
    second = window(anchored(moved, 6, 5), History(moved), 29, INPUTS, network)
    for one, other in zip(first, second, strict=True):
        np.testing.assert_allclose(other, one, atol=1e-4)


def test_covariates_are_beside_their_steps() -> None:
    rng = np.random.default_rng(0)
    network = shape(past=2, future=1, static=2)
    values, past, future = waves(20), rng.normal(size=(20, 2)), rng.normal(size=(25, 1))
    history = History(values, None, past, future, np.array([3.0, 5.0]))
    inputs = ForecastInputs(
        season=6,
        past=covariates(["a", "b"], [past]),
        future=covariates(["c"], [future]),
        static=covariates(["d", "e"], [np.array([1.0, 2.0]), np.array([3.0, 5.0])]),
    )
    read = window(anchored(values, 6, 5), history, 19, inputs, network)
    rows = read.frames.reshape(12, 6)
    np.testing.assert_allclose(rows[:, 3:5], inputs.standard("past", past[8:]), atol=1e-6)
    np.testing.assert_allclose(rows[:, 5:], inputs.standard("future", future[8:20]), atol=1e-6)
    ahead = read.known[:, :6].reshape(6, 2)
    np.testing.assert_allclose(ahead[:5, 1:], inputs.standard("future", future[20:]), atol=1e-6)
    np.testing.assert_array_equal(ahead[5], 0)
    np.testing.assert_allclose(read.known[:, 7:], [[1, 1]] * 2, atol=1e-6)


def test_what_is_not_known_and_covariates_at_their_mean() -> None:
    rng = np.random.default_rng(0)
    network = shape(past=2, future=2, static=2)
    values, past, future = waves(30), rng.normal(size=(30, 2)), rng.normal(size=(35, 2))
    inputs = ForecastInputs(
        season=6,
        past=covariates(["a", "b"], [past]),
        future=covariates(["c", "d"], [future]),
        static=covariates(["e", "f"], [np.array([1.0, 2.0]), np.array([3.0, 5.0])]),
    )
    history = History(values, None, past, future, np.array([3.0, 5.0]))
    anchor = anchored(values, 6, 5)
    read = window(anchor, history, 29, inputs, network)
    kept = [part.copy() for part in read]
    hidden = without_segments(read, 1, 3, network)
    rows, before = (part.frames.reshape(12, 7) for part in (hidden, read))
    np.testing.assert_array_equal(rows[3:9, :3], 0)
    np.testing.assert_array_equal(np.delete(rows, slice(3, 9), axis=0), np.delete(before, slice(3, 9), axis=0))
    np.testing.assert_array_equal(rows[:, 3:], before[:, 3:])
    np.testing.assert_array_equal(hidden.known, read.known)
    for kind, names in (("past", "ab"), ("future", "cd"), ("static", "ef")):
        for place in range(len(names)):
            changed = np.array(getattr(history, kind))
            changed[..., place] = getattr(inputs, kind).means[place]
            other = replace(history, **{kind: changed})
            expected = window(anchor, other, 29, inputs, network)
            found = without_covariate(read, kind, place, network)
            for one, wanted in zip(found, expected, strict=True):
                np.testing.assert_allclose(one, wanted, atol=1e-6)
    for part, whole in zip(read, kept, strict=True):
        np.testing.assert_array_equal(part, whole)
