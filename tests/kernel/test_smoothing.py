"""Smoothings in C say what those in NumPy say, for each instruction set, and refuse sizes that cannot be."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recurra.kernel.library import SOURCES, Library, open_library
from recurra.kernel.smoothing import Smoothing
from recurra.tasks.forecast import anchor
from recurra.tasks.forecast.smoothing import Smoothings


def kernel() -> Library:
    found = open_library(SOURCES)
    if not isinstance(found, Library):
        pytest.skip(f"needs the kernel: {found}")
    return found


VARIANTS = ["avx512", "avx2", None]
LEVELS = st.sampled_from([0.0, 30.0, 1e6, -1e-6])


@pytest.mark.parametrize("variant", VARIANTS)
@given(
    seed=st.integers(0, 10_000), steps=st.integers(1, 60), season=st.integers(1, 13), horizon=st.integers(1, 9),
    level=LEVELS, gaps=st.sampled_from([0, 0.3]), rounded=st.booleans(),
)  # fmt: skip
def test_the_anchor_is_that_of_numpy(
    variant: str | None, seed: int, steps: int, season: int, horizon: int, level: float, gaps: float, rounded: bool
) -> None:
    chosen = kernel()
    if variant is not None and variant not in chosen.variants:
        pytest.skip(f"this processor has no {variant}")
    chosen.variants = {name: one for name, one in chosen.variants.items() if name == variant}
    rng = np.random.default_rng(seed)
    values = level + np.cumsum(rng.normal(size=steps))
    values = values.round() if rounded else values
    values[1:][rng.random(steps - 1) < gaps] = np.nan
    expected, plain = anchor._in_numpy(Smoothings(values, season, horizon), values, horizon)
    found, weights = anchor._in_c(chosen, Smoothings(values, season, horizon), values, horizon)
    np.testing.assert_allclose(weights, plain, atol=1e-6)
    scale = np.abs(expected.middle) + expected.spread
    np.testing.assert_array_less(np.abs(found.middle - expected.middle) / scale, 1e-6)
    np.testing.assert_allclose(found.spread, expected.spread, rtol=1e-6)
    np.testing.assert_allclose(found.errors, expected.errors, rtol=1e-6, atol=1e-6 * float(scale.max()))
    assert found.values is values


@pytest.mark.parametrize("name", ["steps", "season", "horizon", "count"])
def test_sizes_that_cannot_be(name: str) -> None:
    sizes = {"steps": 1, "season": 1, "horizon": 1, "count": 1, "logarithms": 1}
    with pytest.raises(ValueError, match="out of range"):
        kernel().smoothing(Smoothing(**{**sizes, name: 0}))
    with pytest.raises(ValueError, match="out of range"):
        kernel().smoothing(Smoothing(**{**sizes, "logarithms": 2}))
