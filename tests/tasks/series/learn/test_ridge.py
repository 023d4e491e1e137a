"""Ridge regression against scikit-learn's, and what it predicts for left-out rows against leaving each out."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from recurra.tasks.series.learn.ridge import fit_ridge


@pytest.mark.parametrize(("rows", "features"), [(12, 40), (40, 12), (15, 15)])
@pytest.mark.parametrize("penalty", [0.01, 1.0, 300.0])
def test_equals_scikit_learn_and_leaving_each_row_out(rows: int, features: int, penalty: float) -> None:
    generator = np.random.default_rng(rows)
    x = generator.normal(3, generator.uniform(0.5, 2, features), (rows, features)).astype(np.float32)
    y = np.stack([x[:, 0] - x[:, 1], generator.normal(5, 1, rows)], axis=1).astype(np.float64)
    found = fit_ridge(x, y, np.array([penalty]))
    mean, deviation = x.mean(axis=0, dtype=np.float64), x.std(axis=0, dtype=np.float64)
    scaled = (x - mean) / deviation
    whole = Ridge(alpha=penalty).fit(scaled, y)
    np.testing.assert_allclose(x @ found.weights + found.bias, whole.predict(scaled), atol=1e-3)
    for row in range(rows):
        kept = np.arange(rows) != row
        without = Ridge(alpha=penalty).fit(scaled[kept], y[kept])
        np.testing.assert_allclose(found.left_out[row], without.predict(scaled[[row]])[0], rtol=1e-6, atol=1e-6)


def test_the_penalty_is_the_one_with_the_least_error_of_left_out_rows() -> None:
    generator = np.random.default_rng(0)
    x = generator.normal(size=(60, 30)).astype(np.float32)
    noise = generator.normal(size=(60, 1))
    few, many = fit_ridge(x, x[:, :1].astype(np.float64)), fit_ridge(x, noise)
    assert few.penalty == 1 and many.penalty > 100
    penalties = np.array([0.1, 10.0, 1000.0])
    errors = [np.square(fit_ridge(x, noise, np.array([one])).left_out - noise).sum() for one in penalties]
    assert fit_ridge(x, noise, penalties).penalty == penalties[np.argmin(errors)]


def test_features_that_do_not_vary_have_no_weight() -> None:
    generator = np.random.default_rng(0)
    x = generator.normal(size=(20, 3)).astype(np.float32)
    x[:, 1] = 7
    found = fit_ridge(x, generator.normal(size=(20, 1)))
    assert found.weights[1] == 0 and np.isfinite(found.weights).all() and np.isfinite(found.left_out).all()
