"""Logistic regression against scikit-learn's liblinear, in the kernel and in SciPy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from scipy import sparse
from sklearn import linear_model

from recurra.training import logistic_regression
from recurra.training.logistic_regression import (
    SparseRows,
    fit_logistic_regression,
    fit_one_vs_rest,
    naive_bayes_ratio,
)

N, F = 200, 60


@pytest.fixture(params=["kernel", "scipy"])
def engine(request: pytest.FixtureRequest) -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "scipy":
            patch.setattr(logistic_regression, "library", lambda: None)
        elif logistic_regression.library() is None:
            pytest.skip("no kernel was built here")
        yield request.param


def data(classes: int, *, ones: bool = False, seed: int = 3) -> tuple[SparseRows, Any, np.ndarray]:
    """Ragged rows, some of them empty, as both libraries take them, and labels that depend on them."""
    rng = np.random.default_rng(seed)
    matrix = sparse.random(N, F, 0.12, format="csr", rng=rng, dtype=np.float32)
    matrix.data[:] = 1 if ones else rng.normal(size=len(matrix.data))
    scores = matrix @ rng.normal(size=(F, classes)) + rng.normal(size=(N, classes))
    values = None if ones else matrix.data
    assert np.diff(matrix.indptr).min() < np.diff(matrix.indptr).max()
    return (
        SparseRows(matrix.indptr.astype(np.int64), matrix.indices.astype(np.int32), F, values),
        matrix.astype(np.float64),
        scores.argmax(axis=1),
    )


def liblinear(matrix: Any, labels: np.ndarray, c: float, bias: float) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients [F, K'] and intercepts [K'], one class against the others at a time."""
    problems = [1] if labels.max() == 1 else range(int(labels.max()) + 1)
    models = [
        linear_model.LogisticRegression(
            C=c, solver="liblinear", tol=1e-10, max_iter=10_000, fit_intercept=bias > 0, intercept_scaling=bias or 1.0
        ).fit(matrix, labels == k)
        for k in problems
    ]
    return np.stack([m.coef_[0] for m in models], 1), np.array([float(np.ravel(m.intercept_)[0]) for m in models])


def exact(*arguments: Any, **options: Any) -> Any:
    return fit_logistic_regression(*arguments, tolerance=1e-9, max_iterations=5000, **options)


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("bias", [0.0, 1.0, 4.0])
@pytest.mark.parametrize(("classes", "c"), [(2, 0.1), (2, 20.0), (5, 1.0), (11, 1.0)])
def test_the_solution_is_that_of_liblinear(classes: int, c: float, bias: float) -> None:
    rows, matrix, labels = data(classes)
    found = exact(rows, labels, classes, c=c, bias=bias)
    coefficients, intercept = liblinear(matrix, labels, c, bias)
    np.testing.assert_allclose(found.coefficients, coefficients, atol=2e-5)
    np.testing.assert_allclose(found.intercept, intercept, atol=2e-5)
    np.testing.assert_allclose(found.decision(rows), matrix @ coefficients + intercept, atol=2e-4)


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("classes", [2, 5])
def test_chosen_rows_and_scaled_columns_are_those_of_a_smaller_scaled_matrix(classes: int) -> None:
    rows, matrix, labels = data(classes, ones=True)
    chosen = np.random.default_rng(0).permutation(N)[:120]
    scale = np.random.default_rng(1).uniform(-2, 2, size=F).astype(np.float32)
    found = exact(rows, labels, classes, c=0.5, rows=chosen, scale=scale)
    coefficients, intercept = liblinear(matrix[chosen] @ sparse.diags(scale.astype(float)), labels[chosen], 0.5, 1.0)
    np.testing.assert_allclose(found.coefficients, coefficients * scale[:, None], atol=2e-5)
    np.testing.assert_allclose(found.intercept, intercept, atol=2e-5)
    np.testing.assert_allclose(found.decision(rows, chosen), found.decision(rows)[chosen], atol=1e-12)


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("classes", [2, 7])
def test_an_offset_is_part_of_the_margin(classes: int) -> None:
    """At the optimum w = C sum_i y_i x_i / (1 + exp(y_i margin_i)), with each problem's own scale in w and x."""
    rows, matrix, labels = data(classes)
    rng = np.random.default_rng(5)
    problems = 1 if classes == 2 else classes
    offset = rng.normal(size=(N, problems)).astype(np.float32)
    scale = rng.uniform(0.5, 2, size=(F, problems)).astype(np.float32)
    found = exact(rows, labels, classes, c=2.0, scale=scale, offset=offset)
    sign = np.where(labels[:, None] == (np.arange(problems) if classes > 2 else 1), 1.0, -1.0)
    margin = sign * (found.decision(rows) + offset)
    pull = sign / (1 + np.exp(margin))
    np.testing.assert_allclose(found.coefficients, 2.0 * scale.astype(float) ** 2 * (matrix.T @ pull), atol=5e-5)
    np.testing.assert_allclose(found.intercept, 2.0 * pull.sum(axis=0), atol=5e-5)


@pytest.mark.parametrize("classes", [2, 5])
def test_a_fit_can_start_from_another(classes: int, engine: str) -> None:
    rows, _, labels = data(classes)
    first = fit_logistic_regression(rows, labels, classes, c=0.5)
    kept = None if first.state is None else first.state.copy()
    found = exact(rows, labels, classes, c=3.0, start=first)
    cold = exact(rows, labels, classes, c=3.0)
    np.testing.assert_allclose(found.coefficients, cold.coefficients, atol=1e-5)
    assert kept is None or (first.state == kept).all()
    if engine == "kernel":
        again = exact(rows, labels, classes, c=3.0, start=cold)
        assert again.iterations < cold.iterations
    other = np.arange(10)
    if engine == "kernel":
        with pytest.raises(ValueError, match="same rows"):
            fit_logistic_regression(rows, labels, classes, rows=other, start=first)


@pytest.mark.usefixtures("engine")
def test_the_result_depends_on_the_arguments_alone() -> None:
    rows, _, labels = data(11)
    one = fit_logistic_regression(rows, labels, 11, seed=4)
    two = fit_logistic_regression(rows, labels, 11, seed=4, threads=3)
    assert (one.coefficients == two.coefficients).all() and (one.intercept == two.intercept).all()


def test_the_seed_orders_the_rows_and_iterations_are_bounded() -> None:
    if logistic_regression.library() is None:
        pytest.skip("no kernel was built here")
    rows, _, labels = data(2)
    one, other = (fit_logistic_regression(rows, labels, 2, seed=seed, max_iterations=2) for seed in (1, 2))
    assert one.iterations == 2 and one.violation > 1e-3
    assert (one.coefficients != other.coefficients).any()


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("classes", [2, 3])
def test_counts_by_class_and_the_ratio_of_naive_bayes(classes: int) -> None:
    rows, matrix, labels = data(classes)
    chosen = np.arange(0, N, 3)
    counts = rows.class_counts(labels, classes, chosen)
    present = (matrix[chosen] != 0).astype(int).toarray()
    wanted = np.stack([present[labels[chosen] == k].sum(axis=0) for k in range(classes)], axis=1)
    assert counts.tolist() == wanted.tolist()
    ratio = naive_bayes_ratio(counts, alpha=0.5)
    for column, k in enumerate([1] if classes == 2 else range(3)):
        p, q = 0.5 + wanted[:, k], 0.5 + np.delete(wanted, k, axis=1).sum(axis=1)
        np.testing.assert_allclose(ratio[:, column], np.log((p / p.sum()) / (q / q.sum())), rtol=1e-5, atol=1e-6)


@pytest.mark.usefixtures("engine")
def test_what_does_not_fit_together_is_refused() -> None:
    rows, _, labels = data(2)
    with pytest.raises(ValueError, match="two or more classes"):
        fit_logistic_regression(rows, labels[:-1], 2)
    with pytest.raises(ValueError, match="two or more classes"):
        fit_logistic_regression(rows, labels, 2, c=0.0)
    for wrong in ([N], [-1]):
        with pytest.raises(ValueError, match="a chosen row"):
            fit_logistic_regression(rows, labels, 2, rows=np.array(wrong))
        with pytest.raises(ValueError, match="a chosen row"):
            rows.dot(np.zeros((F, 1)), np.array(wrong))
    with pytest.raises(ValueError, match="60 features"):
        rows.dot(np.zeros((F - 1, 1)))
    with pytest.raises(ValueError, match="one label"):
        rows.class_counts(labels[:-1], 2)
    with pytest.raises(ValueError, match=r"out of range|not of a class"):
        rows.class_counts(labels, 1)
    pointer, index = np.array([0, 2]), np.array([0, 1], np.int32)
    for indptr, indices, values in (
        (pointer.astype(np.int32), index, None),
        (pointer, index[::-1], None),
        (pointer + 1, index, None),
        (np.array([0, 2, 1]), index, None),
        (np.array([0, 3]), index, None),
        (pointer, index, np.ones(1, np.float32)),
    ):
        with pytest.raises(ValueError, match=r"contiguous|fit together"):
            SparseRows(indptr, indices, 2, values)


@pytest.mark.parametrize("labels", [1, 2, 11])
def test_labels_each_by_itself_equal_liblinear(engine: str, labels: int) -> None:
    rows, matrix, _ = data(3)
    members = np.random.default_rng(labels).random((N, labels)) < 0.3
    members[:, 0] |= np.asarray(matrix.sum(axis=1)).ravel() > 0
    scale = np.random.default_rng(1).uniform(0.5, 2, size=(F, labels)).astype(np.float32)
    found = fit_one_vs_rest(rows, members, c=0.7, scale=scale, tolerance=1e-6, max_iterations=5_000, threads=3)
    assert found.coefficients.shape == (F, labels) and found.intercept.shape == (labels,)
    for k in range(labels):
        oracle = linear_model.LogisticRegression(C=0.7, solver="liblinear", tol=1e-9, max_iter=10_000)
        oracle.fit(matrix.multiply(scale[:, k][None, :]).tocsr(), members[:, k])
        np.testing.assert_allclose(found.coefficients[:, k], oracle.coef_[0] * scale[:, k], atol=2e-4)
        np.testing.assert_allclose(found.intercept[k], oracle.intercept_[0], atol=2e-4)
    again = fit_one_vs_rest(rows, members, c=0.9, scale=scale, tolerance=1e-6, max_iterations=5_000, start=found)
    fresh = fit_one_vs_rest(rows, members, c=0.9, scale=scale, tolerance=1e-6, max_iterations=5_000)
    np.testing.assert_allclose(again.coefficients, fresh.coefficients, atol=2e-4)


def test_labels_that_no_chosen_row_has_and_what_does_not_fit(engine: str) -> None:
    rows, _, _ = data(3)
    members = np.zeros((N, 2), dtype=bool)
    members[:50, 1] = True
    chosen = np.arange(40, N, dtype=np.int64)
    found = fit_one_vs_rest(rows, members, rows=chosen, offset=np.full((N, 2), 0.5, dtype=np.float32))
    assert (found.decision(rows, chosen)[:, 0] < 0).all()
    for bad in (members[:, 0], members[:3], members[:, :0]):
        with pytest.raises(ValueError, match="row of labels"):
            fit_one_vs_rest(rows, bad)


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("classes", [2, 3])
def test_rows_count_by_their_weights(classes: int) -> None:
    rows, matrix, labels = data(classes)
    weights = np.random.default_rng(0).uniform(0.2, 4, N).astype(np.float32)
    chosen = np.flatnonzero(np.random.default_rng(1).random(N) < 0.7)
    fitted = exact(rows, labels, classes, c=0.4, rows=chosen, weights=weights)
    for column, label in enumerate([1] if classes == 2 else range(classes)):
        expected = linear_model.LogisticRegression(C=0.4, solver="liblinear", tol=1e-10, max_iter=10_000).fit(
            matrix[chosen], labels[chosen] == label, sample_weight=weights[chosen]
        )
        np.testing.assert_allclose(fitted.coefficients[:, column], expected.coef_[0], atol=2e-3)
        assert fitted.intercept[column] == pytest.approx(float(expected.intercept_[0]), abs=2e-3)
    for wrong in (np.zeros(N, np.float32), np.full(N, np.nan, np.float32), weights[:-1]):
        with pytest.raises(ValueError, match="one weight above 0"):
            fit_logistic_regression(rows, labels, classes, weights=wrong)
