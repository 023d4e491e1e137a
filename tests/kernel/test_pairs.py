"""The kernel refuses rows, levels and features that are out of range instead of writing beyond its arguments."""

from __future__ import annotations

from ctypes import c_int64, c_void_p

import numpy as np
import pytest

from recurra.kernel.library import Library, library
from recurra.kernel.pairs import LEVELS, PairCounts, PairNumbers, RowFeatures, Sequences

IDS = np.array([4, 5, 4, 5, 6], np.int32)


@pytest.fixture
def kernel() -> Library:
    found = library()
    if found is None:
        pytest.skip("no kernel was built here")
    return found


def sequences(offsets: np.ndarray) -> Sequences:
    return Sequences(IDS.ctypes.data, offsets.ctypes.data, len(offsets) - 1)


@pytest.mark.parametrize(("offsets", "passes"), [([1, 5], 1), ([0, 3, 2], 1), ([0, 5], 3), ([0, 5], 0)])
def test_counts_refuse_what_is_out_of_range(kernel: Library, offsets: list[int], passes: int) -> None:
    key, rows, bounds = np.zeros(5, np.uint64), np.zeros(5, np.int32), np.array(offsets)
    with pytest.raises(ValueError, match="out of range"):
        kernel.pair_counts(PairCounts(sequences(bounds), passes, 0, 1, key.ctypes.data, rows.ctypes.data))


def test_numbers_refuse_rows_that_fall(kernel: Library) -> None:
    key, number, bounds = np.zeros(1, np.uint64), np.zeros(5, np.int32), np.array([0, 3, 2])
    with pytest.raises(ValueError, match="out of range"):
        kernel.pair_numbers(PairNumbers(sequences(bounds), key.ctypes.data, 1, number.ctypes.data))


@pytest.mark.parametrize(
    ("offsets", "levels", "features"), [([0, 5], 0, 9), ([0, 5], 6, 9), ([0, 5], 1, 6), ([2, 5], 1, 9)]
)
def test_features_refuse_what_is_out_of_range(kernel: Library, offsets: list[int], levels: int, features: int) -> None:
    pointer, index, bounds = np.zeros(2, np.int64), np.zeros(30, np.int32), np.array(offsets)
    x, base = (c_void_p * LEVELS)(*[IDS.ctypes.data] * LEVELS), (c_int64 * LEVELS)()
    job = RowFeatures(bounds.ctypes.data, 1, levels, x, base, features, pointer.ctypes.data, index.ctypes.data, None)
    with pytest.raises(ValueError, match="out of range"):
        kernel.row_features(job)
