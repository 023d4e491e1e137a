"""The linear model beside the network learns labels and numbers; there is none where none is asked for."""

from __future__ import annotations

import numpy as np

from recurra.tasks.series.learn.linear import fit_linear
from recurra.tasks.series.options import SeriesOptions
from support.series import waves

OPTIONS = SeriesOptions(convolutions=168)


def test_labels_are_told_apart() -> None:
    series, labels = waves(90)
    model = fit_linear(series[:60], labels[:60], 3, "classify", OPTIONS)
    assert model is not None
    assert (model.outputs(series[60:]).argmax(axis=1) == labels[60:]).mean() > 0.85
    assert model.ridge.left_out.shape == (60, 3)


def test_numbers_are_predicted() -> None:
    rng = np.random.default_rng(0)
    speeds = rng.uniform(0.2, 1.5, 90)
    series = [np.sin(speed * np.arange(30) + rng.uniform(0, 6))[:, None].astype(np.float32) for speed in speeds]
    model = fit_linear(series[:60], speeds[:60], 1, "regress", OPTIONS)
    assert model is not None
    assert np.abs(model.outputs(series[60:])[:, 0] - speeds[60:]).mean() < 0.5 * np.abs(speeds - speeds.mean()).mean()


def test_there_is_none_where_no_convolutions_are_asked_for() -> None:
    series, labels = waves(6)
    assert fit_linear(series, labels, 3, "classify", SeriesOptions(convolutions=0)) is None
