"""Dense columns beside sparse ones, for a linear model of both."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.training.logistic_regression import SparseRows


def with_columns(rows: SparseRows, dense: NDArray[np.floating[Any]]) -> SparseRows:
    """Return rows [N, F] with the columns of `dense` [N, X] after theirs, each of them in every row."""
    count, width = dense.shape
    sizes = np.diff(rows.indptr)
    pointer = np.concatenate([[0], np.cumsum(sizes + width)]).astype(np.int64)
    index = np.empty(int(pointer[-1]), dtype=np.int32)
    values = np.empty(int(pointer[-1]), dtype=np.float32)
    own = np.ones(len(index), dtype=np.bool_)
    places = (pointer[1:, None] - width + np.arange(width)).ravel()
    own[places] = False
    index[own], values[own] = rows.indices, 1 if rows.values is None else rows.values
    index[places] = np.tile(np.arange(rows.features, rows.features + width, dtype=np.int32), count)
    values[places] = dense.astype(np.float32).ravel()
    return SparseRows(pointer, index, rows.features + width, values)
