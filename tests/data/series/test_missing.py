"""Missing values, against pandas' ffill, bfill and fillna."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from recurra.data.series.missing import fill, masks
from recurra.errors import DataError, OptionError

SERIES = arrays.arrays(
    np.float32,
    st.tuples(st.integers(1, 8), st.integers(1, 3)),
    elements=st.one_of(st.just(np.nan), st.integers(-9, 9).map(float)),
)


@given(SERIES)
def test_forward_fill(values: np.ndarray) -> None:
    before, means = values.copy(), np.arange(100.0, 100 + values.shape[1], dtype=np.float32)
    expected = pd.DataFrame(values).ffill().bfill().fillna(pd.Series(means))
    found = fill(values, "forward-fill", means)
    np.testing.assert_array_equal(found, expected.to_numpy(np.float32))
    np.testing.assert_array_equal(values, before)
    assert found.dtype == np.float32


@given(SERIES)
def test_mask(values: np.ndarray) -> None:
    means = np.arange(100.0, 100 + values.shape[1], dtype=np.float32)
    found = fill(values, "mask", means)
    np.testing.assert_array_equal(found, pd.DataFrame(values).fillna(pd.Series(means)).to_numpy(np.float32))
    channels = list(range(values.shape[1]))[::-1]
    np.testing.assert_array_equal(masks(values, channels), pd.DataFrame(values).isna().to_numpy(np.float32)[:, ::-1])
    assert masks(values, []).shape == (len(values), 0)


def test_refuse() -> None:
    values = np.array([[1, np.nan, 2], [3, np.nan, np.nan]], np.float32)
    zeros = np.zeros(3, np.float32)
    with pytest.raises(DataError, match=r"Series 'a' has 2 missing values of 2 in channel 'y'; choose --missing"):
        fill(values, "refuse", zeros, series="a", channels=["x", "y", "z"])
    with pytest.raises(DataError, match="A series has 1 missing value of 2 in channel 'channel1'"):
        fill(values[:, [0, 2]], "refuse", zeros[:2])
    np.testing.assert_array_equal(fill(values[:, :1], "refuse", zeros[:1]), values[:, :1])


def test_another_way_is_an_error() -> None:
    unknown: Any = "interpolate"
    with pytest.raises(OptionError, match=r"'interpolate'.*mask, forward-fill, refuse"):
        fill(np.zeros((1, 1), np.float32), unknown, np.zeros(1, np.float32))
