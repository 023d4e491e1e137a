"""Convolutions that are chosen for data: how many, how far apart, and biases among what they put out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recurra.tasks.series.convolutions import KERNELS
from recurra.tasks.series.learn.fit_convolutions import chosen_dilations, fit_convolutions
from support.series import waves


@given(st.integers(1, 5000), st.integers(1, 32))
def test_dilations_rise_and_a_kernel_fits_into_the_series(length: int, most: int) -> None:
    found = chosen_dilations(length, most)
    assert 1 <= len(found) <= most and found[0] == 1 and (np.diff(found) > 0).all()
    assert found[-1] * 8 < max(length, 9)


@pytest.mark.parametrize("features", [84, 1000, 10_000])
def test_there_are_about_as_many_features_as_were_asked_for(features: int) -> None:
    series, _ = waves(20)
    found = fit_convolutions(series, np.random.default_rng(0), features)
    assert 84 <= found.features <= max(84, 1.5 * features)
    assert found.of_all(series).shape == (20, found.features)
    assert (found.widths > 0).all()


def test_biases_lie_among_the_outputs_and_differ() -> None:
    series, _ = waves(20, channels=1)
    found = fit_convolutions(series, np.random.default_rng(0), 5_000)
    features = found.of_all(series)
    assert 0.3 < features.mean() < 0.7 and np.quantile(features, 0.1) < 0.2 < 0.8 < np.quantile(features, 0.9)
    assert (np.ptp(found.biases, axis=2) > 0).mean() > 0.99


def test_every_convolution_has_a_channel_and_few_have_many() -> None:
    series, _ = waves(6, channels=12)
    found = fit_convolutions(series, np.random.default_rng(0))
    counts = found.channels.sum(axis=2)
    assert counts.shape[1] == KERNELS and counts.min() == 1 and counts.max() <= 9
    assert (counts <= 3).mean() > 0.5


def test_very_short_series_have_features_too() -> None:
    found = fit_convolutions([np.ones((1, 2), dtype=np.float32)], np.random.default_rng(0), 200)
    assert np.isfinite(found.of_all([np.ones((1, 2), dtype=np.float32)])).all()
