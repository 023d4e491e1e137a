"""The kernel refuses columns, labels and sizes that are out of range instead of writing beyond its arguments."""

from __future__ import annotations

import numpy as np
import pytest

from recurra.kernel.library import Library, library
from recurra.kernel.logistic import ClassCounts, Logistic, Products, Rows

INDPTR, GOOD, BAD = np.array([0, 1, 2]), np.array([0, 1], np.int32), np.array([0, 2], np.int32)
LABELS = np.array([0, 1], np.int32)


@pytest.fixture
def kernel() -> Library:
    found = library()
    if found is None:
        pytest.skip("no kernel was built here")
    return found


def rows(indices: np.ndarray, labels: np.ndarray = LABELS) -> Rows:
    return Rows(2, None, 2, INDPTR.ctypes.data, indices.ctypes.data, None, labels.ctypes.data)


@pytest.mark.parametrize(("indices", "lanes", "c"), [(BAD, 1, 1.0), (GOOD, 3, 1.0), (GOOD, 1, 0.0)])
def test_a_fit_refuses_what_is_out_of_range(kernel: Library, indices: np.ndarray, lanes: int, c: float) -> None:
    share, weight = np.zeros((2, 4, 2)), np.zeros((3, 4))
    job = Logistic(
        rows(indices), 0, lanes, None, None, None, c, 1.0, 0.1, 5, 0, 0, share.ctypes.data, weight.ctypes.data
    )
    with pytest.raises(ValueError, match="out of range"):
        kernel.logistic(job)


@pytest.mark.parametrize(("indices", "labels"), [(BAD, LABELS), (GOOD, LABELS + 1), (GOOD, LABELS - 1)])
def test_counts_refuse_what_is_out_of_range(kernel: Library, indices: np.ndarray, labels: np.ndarray) -> None:
    count = np.zeros((2, 2), np.int32)
    with pytest.raises(ValueError, match="out of range"):
        kernel.class_counts(ClassCounts(rows(indices, labels), 2, count.ctypes.data))


def test_products_refuse_a_column_that_is_not_there(kernel: Library) -> None:
    weight, out = np.zeros((2, 1)), np.zeros((2, 1))
    with pytest.raises(ValueError, match="out of range"):
        kernel.products(Products(rows(BAD), 1, weight.ctypes.data, out.ctypes.data))
