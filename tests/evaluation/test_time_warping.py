"""Dynamic time warping against the recursion written out, on ragged templates, and bounds that are below it."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from recurra.evaluation.time_warping import envelopes, lower_bounds, squared_distances, symmetric_distances

Floats = NDArray[np.float32]


def recursion(one: Floats, other: Floats, *, both: int, power: int, band: int | None = None) -> float:
    """The least sum along a path, cell by cell. both: how often a step in both series counts."""
    width = None if band is None else max(band, abs(len(one) - len(other)))

    @cache
    def cost(s: int, t: int) -> float:
        if width is not None and abs(s - t) > width:
            return np.inf
        here = float(np.linalg.norm(one[s] - other[t])) ** power
        if s == t == 0:
            return both * here
        ways = [
            *([cost(s - 1, t) + here] if s else []),
            *([cost(s, t - 1) + here] if t else []),
            *([cost(s - 1, t - 1) + both * here] if s and t else []),
        ]
        return min(ways)

    return cost(len(one) - 1, len(other) - 1)


def drawn(frames: int, lengths: list[int], seed: int, channels: int = 4) -> tuple[Floats, Floats]:
    """A series [S, D] and templates [T, N, D], with values beyond their lengths, too."""
    rng = np.random.default_rng(seed)
    series = rng.normal(size=(frames, channels)).astype(np.float32)
    return series, rng.normal(size=(max(lengths), len(lengths), channels)).astype(np.float32)


RAGGED = [[1], [1, 5, 9, 2, 12], [3, 3]]


@pytest.mark.parametrize("frames", [1, 2, 7, 12])
@pytest.mark.parametrize("lengths", RAGGED)
def test_symmetric_distances_are_those_of_the_recursion(frames: int, lengths: list[int]) -> None:
    series, templates = drawn(frames, lengths, frames)
    found = symmetric_distances(series, templates, np.array(lengths))
    expected = [
        recursion(series, templates[:length, row], both=2, power=1) / (frames + length)
        for row, length in enumerate(lengths)
    ]
    np.testing.assert_allclose(found, expected, rtol=2e-4)


@given(
    st.integers(1, 12),
    st.lists(st.integers(1, 14), min_size=1, max_size=6),
    st.none() | st.integers(0, 6),
    st.integers(1, 3),
    st.integers(0, 99),
)
def test_squared_distances_are_those_of_the_recursion(
    frames: int, lengths: list[int], band: int | None, channels: int, seed: int
) -> None:
    series, templates = drawn(frames, lengths, seed, channels)
    padded = np.concatenate([templates, 3 * templates + 1])  # beyond all lengths
    found = squared_distances(series, padded, np.array(lengths), band)
    expected = [
        recursion(series, templates[:length, row], both=1, power=2, band=band) for row, length in enumerate(lengths)
    ]
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)


def test_the_steps_of_a_path_count_once_and_a_pause_costs_nothing() -> None:
    series = np.array([[0], [1], [3]], dtype=np.float32)
    templates = np.array([[[0], [0]], [[0], [2]], [[1], [3]], [[3], [9]]], dtype=np.float32)
    assert squared_distances(series, templates, np.array([4, 3])).tolist() == [0, 1]


@given(
    st.integers(1, 12),
    st.lists(st.integers(1, 14), min_size=1, max_size=6),
    st.none() | st.integers(0, 6),
    st.integers(0, 99),
)
def test_lower_bounds_are_none_too_high(frames: int, lengths: list[int], band: int | None, seed: int) -> None:
    series, templates = drawn(frames, lengths, seed, 2)
    kept = [row for row, length in enumerate(lengths) if band is None or abs(length - frames) <= band]
    if not kept:
        return
    chosen = np.array([lengths[row] for row in kept])
    lowest, highest = envelopes(templates[:, kept], chosen, band)
    span = slice(None) if band is None else slice(frames)
    bounds = lower_bounds(series, lowest[span], highest[span])
    found = squared_distances(series, templates[:, kept], chosen, band)
    assert (bounds <= found * 1.0001 + 1e-4).all()


def test_a_lower_bound_without_a_band_is_the_distance_from_the_range_of_a_template() -> None:
    templates = np.array([[[1.0]], [[2.0]], [[9.0]]], dtype=np.float32)
    lowest, highest = envelopes(templates, np.array([2]), None)
    assert lower_bounds(np.array([[0], [1.5], [4]], dtype=np.float32), lowest, highest).tolist() == [1 + 4]


def test_an_envelope_holds_the_values_near_each_place() -> None:
    templates = np.array([[[1.0]], [[5.0]], [[2.0]], [[7.0]]], dtype=np.float32)
    lowest, highest = envelopes(templates, np.array([3]), 1)
    assert lowest[:4, 0, 0].tolist() == [1, 1, 2, 2] and highest[:4, 0, 0].tolist() == [5, 5, 5, 2]
