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
    ends = block_interval(alike)
    assert ends is not None
    low, high = ends
    assert low < alike.mean() < high
    expected = 2 * 1.96 * alike.std() / math.sqrt(1000)  # as many independent values as there are runs
    assert high - low == pytest.approx(expected, rel=0.2)
    assert block_interval(alike) == (low, high)


@pytest.mark.parametrize("length", [1, 14, 20, 199])
def test_too_few_blocks_have_no_interval(length: int) -> None:
    assert block_interval(np.random.default_rng(5).normal(size=length)) is None


def test_ten_blocks_have_an_interval_of_their_means() -> None:
    values = np.random.default_rng(5).normal(size=200)
    ends = block_interval(values)
    assert ends is not None
    expected = 2 * 1.96 * values.reshape(10, 20).mean(axis=1).std() / math.sqrt(10)
    assert ends[1] - ends[0] == pytest.approx(expected, rel=0.1)
    assert ends[0] < values.mean() < ends[1]
