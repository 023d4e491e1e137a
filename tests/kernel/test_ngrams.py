"""The kernel refuses rows, orders and ids that are out of range instead of reading beyond its arguments."""

from __future__ import annotations

import numpy as np
import pytest

from recurra.kernel.library import Library, library
from recurra.kernel.ngrams import DistinctNgrams, Ngrams, NgramSums


@pytest.fixture
def kernel() -> Library:
    found = library()
    if found is None:
        pytest.skip("no kernel was built here")
    return found


@pytest.mark.parametrize(
    ("ids", "start", "length", "order", "buckets"),
    [
        ([2, 9], 0, 2, 1, 0),
        ([2, -1], 0, 2, 3, 7),
        ([2, 3], 0, 2, 2, 0),
        ([2, 3], 0, 2, 4, 7),
        ([2, 3], 0, 2, 0, 7),
        ([2, 3], -1, 2, 1, 7),
        ([2, 3], 0, -2, 1, 7),
    ],
)
def test_what_is_out_of_range_is_refused(
    kernel: Library, ids: list[int], start: int, length: int, order: int, buckets: int
) -> None:
    rows = [np.array(ids, np.int32), np.array([start]), np.array([length]), np.array([5, 7, 3, 11, 13])]
    flat, starts, lengths, multiplier = (array.ctypes.data for array in rows)
    ngrams = Ngrams(flat, starts, lengths, 1, 9, order, buckets, multiplier)
    pointer, index = np.zeros(2, np.int64), np.zeros(16, np.int32)
    with pytest.raises(ValueError, match="out of range"):
        kernel.distinct_ngrams(DistinctNgrams(ngrams, pointer.ctypes.data, index.ctypes.data))
    weight, total, count = np.zeros((16, 1), np.float32), np.zeros(1, np.float32), np.zeros(1, np.int32)
    with pytest.raises(ValueError, match="out of range"):
        kernel.ngram_sums(NgramSums(ngrams, weight.ctypes.data, 1, total.ctypes.data, count.ctypes.data))
