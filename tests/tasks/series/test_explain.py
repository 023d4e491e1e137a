"""Series are explained: a planted window and channel come first, and every number is that of hiding by hand."""

from __future__ import annotations

import json
from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import ArrayLike, NDArray

from recurra.errors import DataError, OptionError
from recurra.tasks.series.explain import (
    AFFORDED,
    FEWEST_WINDOWS,
    MOST_CHANNELS,
    WINDOWS,
    answers_needed,
    explain,
    frames_in,
    plain,
    plan,
)
from recurra.tasks.series.learn.fit import Rows, fit_series
from recurra.tasks.series.model import SeriesModel
from recurra.tasks.series.options import SeriesOptions
from support.series import made

MODEL = made()


def bumps(count: int, seed: int) -> tuple[list[NDArray[np.float32]], NDArray[np.int64], list[slice]]:
    """Slow noise in three channels; every second series has a bump in the second, somewhere."""
    rng, series, where = np.random.default_rng(seed), [], []
    labels = np.arange(count) % 2
    for label in labels:
        steps = int(rng.integers(80, 120))
        values = 5 + rng.normal(0, 0.5, (steps, 3))
        start = int(rng.integers(0, steps - 16))
        where.append(slice(start, start + 16))
        if label:
            values[where[-1], 1] += 4 * np.sin(np.pi * np.arange(16) / 15)
        series.append(values.astype(np.float32))
    return series, labels, where


def test_a_planted_bump_comes_out_first() -> None:
    series, labels, _ = bumps(80, 0)
    options = SeriesOptions(threads=1, epochs=12, hidden=8, convolutions=500, precision="fp32")
    found = fit_series(
        Rows(series[10:], labels[10:]), Rows(series[:10], labels[:10]), ["x", "y", "z"], 2, "classify", options
    )
    model = SeriesModel(found.shape, found.inputs, ["flat", "bump"], found.graph, threads=1)
    asked, truth, where = bumps(16, 1)
    for values, planted in [(asked[row], where[row]) for row in np.flatnonzero(truth)]:
        explanation = explain(model, values, "bump")
        (channel, window, contribution), *_ = explanation.strongest(1)
        start, end = explanation.windows[window]
        assert explanation.channels[channel] == "y" and contribution > 0
        assert start < planted.stop and end > planted.start
        assert explanation.hidden.argmax() == 1
        start, end = explanation.windows[explanation.together.argmax()]
        assert start < planted.stop and end > planted.start


def log_odds(outputs: NDArray[np.float32], label: int) -> NDArray[np.float64]:
    chances = np.exp(outputs.astype(np.float64))
    chances /= chances.sum(axis=1, keepdims=True)
    return np.log(chances[:, label] / (1 - chances[:, label]))


@pytest.mark.parametrize("steps", [1, 2, 5, 100])
def test_a_contribution_is_what_hiding_changes(steps: int) -> None:
    rng = np.random.default_rng(steps)
    values = rng.normal(size=(steps, 3))
    values[0, 0] = np.nan
    explanation = explain(MODEL, values, "mid")
    windows = explanation.windows.tolist()
    assert len(windows) == min(steps, WINDOWS)
    assert [edge for start, end in windows for edge in range(start, end)] == list(range(steps))
    (whole,) = log_odds(MODEL.outputs([values]), 1)
    assert explanation.score == pytest.approx(whole, abs=1e-5)
    for channel in range(3):
        changed = values.copy()
        changed[:, channel] = MODEL.inputs.means[channel]
        expected = whole - log_odds(MODEL.outputs([changed]), 1)
        assert explanation.hidden[channel] == pytest.approx(expected[0], abs=1e-4)
        for place, (found, together) in enumerate(
            zip(explanation.contributions[channel], explanation.together, strict=True)
        ):
            start, end = windows[max(0, place - 1)][0], windows[min(len(windows) - 1, place + 1)][1]
            changed = values.copy()
            changed[start:end, channel] = MODEL.inputs.means[channel]
            assert found == pytest.approx((whole - log_odds(MODEL.outputs([changed]), 1))[0], abs=1e-4)
            changed[start:end] = MODEL.inputs.means
            assert together == pytest.approx((whole - log_odds(MODEL.outputs([changed]), 1))[0], abs=1e-4)


def test_numbers_are_explained_by_how_much_they_fall() -> None:
    model = made(kind="regress", outputs=1)
    values = np.random.default_rng(0).normal(size=(40, 3))
    explanation = explain(model, values)
    assert explanation.target is None and explanation.probabilities == {}
    assert explanation.score == explanation.answer == pytest.approx(float(model.predict([values])[0]))
    changed = values.copy()
    changed[:, 2] = model.inputs.means[2]
    expected = explanation.score - float(model.predict([changed])[0])
    assert explanation.hidden[2] == pytest.approx(expected, abs=1e-5)
    with pytest.raises(OptionError, match="predicts numbers"):
        explain(model, values, "3")


class Counting(SeriesModel):
    """A model that counts what it answers."""

    answered = 0

    def outputs(self, series: Iterable[ArrayLike]) -> NDArray[np.float32]:
        asked = list(series)
        self.answered += len(asked)
        weight = np.arange(len(self.inputs.channels))[None, :, None] == 7
        sums = np.array([np.asarray(one).sum(axis=0) for one in asked])
        return np.stack([(sums * weight[0, :, 0]).sum(axis=1), np.zeros(len(asked))], axis=1).astype(np.float32)


@pytest.mark.parametrize(("channels", "steps"), [(1, 20), (3, 33), (MOST_CHANNELS + 4, 500)])
def test_the_work_is_bounded_and_many_channels_are_chosen_from(channels: int, steps: int) -> None:
    base = made(channels=channels, masks=0, dilations=(), biases=0)
    model = Counting.__new__(Counting)
    model.__dict__.update(base.__dict__)
    model.classes_ = np.array(["yes", "no"], dtype=object)
    values = np.random.default_rng(0).normal(3, 1, (steps, channels))
    explanation = explain(model, values)
    assert model.answered == answers_needed(steps, channels) <= 1 + channels + WINDOWS * (MOST_CHANNELS + 1)
    assert explanation.contributions.shape == (min(channels, MOST_CHANNELS), min(WINDOWS, steps))
    if channels > 7:
        assert 7 in explanation.shown
        assert explanation.channels[int(explanation.shown[explanation.strongest(1)[0][0]])] == "c7"


def test_what_cannot_be_explained_is_refused() -> None:
    with pytest.raises(OptionError, match=r"no label 'hi'.*'high'"):
        explain(MODEL, np.ones((5, 3)), "hi")
    with pytest.raises(DataError, match="3 channels"):
        explain(MODEL, np.ones((5, 2)))
    with pytest.raises(DataError, match="no values"):
        explain(MODEL, np.ones((0, 3)))


def test_it_is_plain_json() -> None:
    values = np.random.default_rng(1).normal(size=(5, 3))
    explanation = explain(MODEL, values, "mid", name="one")
    said = json.loads(json.dumps(plain(explanation)))
    assert (said["series"], said["target"], said["steps"], len(said["windows"])) == ("one", "mid", 5, 5)
    assert said["windows"][1]["channels"]["c2"] == pytest.approx(explanation.contributions[2, 1], abs=1e-6)
    number = json.loads(json.dumps(plain(explain(made(kind="regress", outputs=1), values))))
    assert "target" not in number and isinstance(number["number"], float)


@given(steps=st.integers(1, 30_000), channels=st.integers(1, 600))
def test_the_plan_keeps_to_what_can_be_afforded_and_to_its_least(steps: int, channels: int) -> None:
    windows, shown = plan(steps, channels)
    assert min(steps, FEWEST_WINDOWS) <= windows <= min(steps, WINDOWS)
    assert 1 <= shown <= min(channels, MOST_CHANNELS)
    if answers_needed(steps, channels) * frames_in(steps, channels) > AFFORDED:
        assert shown == 1 or (windows, shown) == (min(steps, FEWEST_WINDOWS), shown)


def test_long_series_have_fewer_windows_and_say_so() -> None:
    assert plan(2_000, 1) == (WINDOWS, 1) and plan(20_000, 1)[0] < 16
    model = made(channels=1, masks=0, dilations=(), biases=0)
    explanation = explain(model, np.random.default_rng(0).normal(size=20_000))
    assert len(explanation.windows) == plan(20_000, 1)[0] and explanation.windows[-1, 1] == 20_000
    assert "20,000 steps" in plain(explanation)["notes"][0]
    assert plain(explain(model, [1.0, 2.0]))["notes"] == []
