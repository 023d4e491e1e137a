"""Means of blocks, and what blocks know of neighbours that are alike."""

from __future__ import annotations

import math

import numpy as np
import pytest

from recurra.evaluation.block_bootstrap import block_interval, block_means


def test_block_means_cover_every_value() -> None:
    values = np.random.default_rng(3).normal(size=1037)
    means = block_means(values)
    assert len(means) == 51
    np.testing.assert_allclose(means[0], values[:20].mean())
    np.testing.assert_allclose(means[-1], values[1000:].mean())
    assert block_means(np.array([2.0])).tolist() == [2.0]


def test_intervals_widen_where_neighbours_are_alike() -> None:
    rng = np.random.default_rng(4)
    alike = np.repeat(rng.normal(size=1000), 5)
    low, high = block_interval(alike)
    assert low < alike.mean() < high
    expected = 2 * 1.96 * alike.std() / math.sqrt(1000)  # as many independent values as there are runs
    assert high - low == pytest.approx(expected, rel=0.2)
    assert block_interval(alike) == (low, high)
