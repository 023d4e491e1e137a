"""Weights in 8 bits: how far they are from what they were."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from recurra.text import rounded as module
from recurra.text.rounded import STEPS, restored, rounded

WEIGHTS = arrays(np.float32, array_shapes(max_dims=2, max_side=12), elements=st.floats(-30, 30, width=32))


@given(WEIGHTS)
def test_restored_weights_are_within_half_a_step_of_the_root(weights: np.ndarray) -> None:
    codes, scale = rounded(weights)
    assert codes.dtype == np.int8 and codes.shape == weights.shape and scale.shape == (1,) and codes.min() >= -STEPS
    back = restored(codes, scale).astype(np.float64)
    largest = float(np.abs(weights).max()) or 1.0
    roots = np.sqrt(np.abs(back) / largest) - np.sqrt(np.abs(weights.astype(np.float64)) / largest)
    assert (np.abs(roots) <= 0.5 / STEPS + 1e-5).all()
    assert (np.sign(back) * np.sign(weights) >= 0).all(), "no weight changes its sign"
    np.testing.assert_array_equal(back[weights == 0], 0)


@given(WEIGHTS)
def test_the_relative_error_of_all_but_small_weights_is_small(weights: np.ndarray) -> None:
    back, largest = restored(*rounded(weights)), np.abs(weights).max()
    assume(largest > 1e-30)
    big = np.abs(weights) > largest / 60
    np.testing.assert_allclose(back[big], weights[big], rtol=0.063)
    np.testing.assert_allclose(back[~big], weights[~big], atol=0.0011 * largest)
    np.testing.assert_allclose(np.abs(back).max(), largest, rtol=1e-5)


def test_codes_are_the_formula() -> None:
    codes, scale = rounded(np.array([[-2.0, 0.5], [0.0, 2e-6]], dtype=np.float32))
    assert codes.tolist() == [[-127, round(127 * (0.25**0.5))], [0, 0]]
    assert scale[0] == pytest.approx(2 / 127**2)
    assert restored(np.array([-127, 0, 64], dtype=np.int8), scale) == pytest.approx([-2, 0, 2 * (64 / 127) ** 2])


@pytest.mark.parametrize("size", [0, 1])
def test_of_nothing_and_of_zeros(size: int) -> None:
    codes, scale = rounded(np.zeros((size, 3), dtype=np.float32))
    assert codes.shape == (size, 3) and not codes.any() and np.isfinite(scale).all()
    assert not restored(codes, scale).any()


def test_a_large_table_is_rounded_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    weights = np.random.default_rng(0).normal(size=(37, 3)).astype(np.float32)
    whole, scale = rounded(weights)
    monkeypatch.setattr(module, "CHUNK", 10)
    np.testing.assert_array_equal(rounded(weights)[0], whole)
    np.testing.assert_array_equal(rounded(weights)[1], scale)
