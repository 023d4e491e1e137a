"""Ridge regression on sparse rows against scikit-learn's on the same matrix, in full."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse
from sklearn.linear_model import Ridge

from recurra.training.logistic_regression import SparseRows
from recurra.training.ridge_regression import RidgeProblem


def data(rows: int = 70, features: int = 40, *, values: bool = True, seed: int = 0) -> SparseRows:
    matrix = sparse.random(rows, features, 0.2, format="csr", random_state=seed)
    matrix.sort_indices()
    return SparseRows(
        matrix.indptr.astype(np.int64),
        matrix.indices.astype(np.int32),
        features,
        matrix.data.astype(np.float32) if values else None,
    )


@pytest.mark.parametrize("values", [True, False])
@pytest.mark.parametrize("alpha", [0.3, 10.0])
@pytest.mark.parametrize("part", [False, True])
@pytest.mark.parametrize("scaled", [False, True])
@pytest.mark.parametrize("weighted", [False, True])
def test_equals_scikit_learn(values: bool, alpha: float, part: bool, scaled: bool, weighted: bool) -> None:
    rows = data(values=values)
    generator = np.random.default_rng(1)
    targets = 5 + generator.normal(size=70) * 3
    chosen = np.flatnonzero(generator.random(70) < 0.6) if part else None
    scale = generator.random(40) + 0.5 if scaled else None
    weights = generator.random(70) + 0.1 if weighted else None
    problem = RidgeProblem(rows, targets, weights)
    found = problem.fit(alpha, rows=chosen, scale=scale, tolerance=1e-12, max_iterations=500)
    own = np.arange(70) if chosen is None else chosen
    matrix = rows.scipy().toarray() * (1 if scale is None else scale)
    oracle = Ridge(alpha).fit(matrix[own], targets[own], None if weights is None else weights[own])
    np.testing.assert_allclose(found.coefficients, oracle.coef_ * (1 if scale is None else scale), atol=1e-6)
    assert found.intercept == pytest.approx(oracle.intercept_, abs=1e-6)
    np.testing.assert_allclose(found.predict(rows), oracle.predict(matrix), atol=1e-6)


def test_the_usual_tolerance_is_close_enough() -> None:
    rows = data(400, 900, seed=3)
    targets = np.random.default_rng(2).normal(size=400)
    found = RidgeProblem(rows, targets).fit(1.0)
    exact = Ridge(1.0).fit(rows.scipy().toarray(), targets).predict(rows.scipy().toarray())
    assert np.abs(found.predict(rows) - exact).mean() < 0.01 * np.abs(exact).mean()
    assert found.iterations < 100


def test_what_does_not_fit_is_refused() -> None:
    rows = data()
    with pytest.raises(ValueError, match="finite target"):
        RidgeProblem(rows, np.full(70, np.nan))
    with pytest.raises(ValueError, match="finite target"):
        RidgeProblem(rows, np.zeros(3))
    for weights in (np.zeros(70), np.ones(3)):
        with pytest.raises(ValueError, match="weight above 0"):
            RidgeProblem(rows, np.zeros(70), weights)
    problem = RidgeProblem(rows, np.zeros(70))
    for alpha, chosen, scale in ((0.0, None, None), (1.0, np.zeros(0, dtype=np.int64), None), (1.0, None, np.ones(3))):
        with pytest.raises(ValueError, match="alpha"):
            problem.fit(alpha, rows=chosen, scale=scale)
