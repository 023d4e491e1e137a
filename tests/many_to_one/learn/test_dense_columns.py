"""Dense columns beside sparse ones."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from recurra.many_to_one.learn.dense_columns import with_columns
from recurra.training.logistic_regression import SparseRows


@pytest.mark.parametrize("binary", [True, False])
def test_they_are_stacked_as_scipy_does(binary: bool) -> None:
    rng = np.random.default_rng(0)
    matrix = sparse.random(9, 12, 0.2, random_state=1, format="csr", dtype=np.float32)
    matrix.sort_indices()
    if binary:
        matrix.data[:] = 1
    values = None if binary else matrix.data
    rows = SparseRows(matrix.indptr.astype(np.int64), matrix.indices.astype(np.int32), 12, values)
    dense = rng.normal(size=(9, 4)).astype(np.float32)
    dense[2] = 0
    found = with_columns(rows, dense)
    np.testing.assert_allclose(found.scipy().toarray(), np.hstack([matrix.toarray(), dense]))
    weights = rng.normal(size=(16, 2))
    np.testing.assert_allclose(found.dot(weights), np.hstack([matrix.toarray(), dense]) @ weights, atol=1e-6)
    counts = found.class_counts(np.zeros(9, dtype=np.int32), 1)
    assert counts[12:, 0].tolist() == [9] * 4  # every row has them, so that their document frequency is 1
