"""L2-regularised logistic regression on sparse rows, each class against all others, and the NB ratio as a scale.

The kernel solves it by coordinate descent in the dual (Yu, Huang, Lin 2011; what liblinear does for `-s 7`); without a
kernel SciPy minimises the same objective. Rows are chosen by number and columns scaled by factors, so that neither
folds nor weighting copy the data. Needs SciPy (with scikit-learn, in the `train` extra) only where there is no kernel.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from recurra.kernel.library import library
from recurra.kernel.logistic import LANES, ClassCounts, Logistic, Products, Rows

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class SparseRows:
    """A CSR matrix [N, F].

    indptr: [N + 1] int64; indices: [M] int32, each column at most once in a row; values: [M] float32, or None where
    all are 1; features: F.
    """

    indptr: NDArray[np.int64]
    indices: NDArray[np.int32]
    features: int
    values: NDArray[np.float32] | None = None

    def __post_init__(self) -> None:
        """Raises ValueError where the arrays are not a matrix in the layout that the kernel reads."""
        layout: list[tuple[str, NDArray[Any], type]] = [
            ("indptr", self.indptr, np.int64),
            ("indices", self.indices, np.int32),
        ]
        if self.values is not None:
            layout.append(("values", self.values, np.float32))
        for name, array, dtype in layout:
            if array.dtype != dtype or array.ndim != 1 or not array.flags.c_contiguous:
                raise ValueError(f"{name} must be one contiguous row of {np.dtype(dtype)}")
        sound = len(self.indptr) and self.indptr[0] == 0 and (np.diff(self.indptr) >= 0).all()
        if (
            not sound
            or self.indptr[-1] != len(self.indices)
            or (self.values is not None and len(self.values) != len(self.indices))
        ):
            raise ValueError("indptr, indices and values do not fit together")

    def __len__(self) -> int:
        return len(self.indptr) - 1

    def scipy(self) -> Any:
        """Return the matrix for SciPy, in double precision."""
        from scipy import sparse

        values = np.ones(len(self.indices)) if self.values is None else self.values.astype(np.float64)
        return sparse.csr_matrix((values, self.indices, self.indptr), shape=(len(self), self.features))

    def dot(self, weights: ArrayLike, rows: NDArray[np.int64] | None = None) -> Floats:
        """Return the chosen rows (None: all) times weights [F, K], in double precision: [N, K].

        Raises ValueError where the weights are not of F features, or a row is not in the data.
        """
        factors = np.ascontiguousarray(weights, dtype=np.float64)
        if factors.ndim != 2 or len(factors) != self.features:
            raise ValueError(f"the weights must be of {self.features:,} features, not of shape {factors.shape}")
        chosen = self.numbers(rows)
        kernel = library()
        if kernel is None:
            return np.asarray(self.scipy()[chosen] @ factors)
        out = np.empty((len(chosen), factors.shape[1]))
        kernel.products(Products(self.arguments(chosen, None), factors.shape[1], factors.ctypes.data, out.ctypes.data))
        return out

    def class_counts(self, labels: ArrayLike, classes: int, rows: NDArray[np.int64] | None = None) -> NDArray[np.int32]:
        """Return how many of the chosen rows (None: all) of each class each feature is in: [F, K].

        labels: [N]. Raises ValueError where the label of a chosen row is not in 0..K-1, or a row is not in the data.
        """
        targets, chosen = np.ascontiguousarray(labels, dtype=np.int32), self.numbers(rows)
        if targets.shape != (len(self),):
            raise ValueError("there must be one label for each row")
        kernel = library()
        if kernel is not None:
            counts = np.zeros((self.features, classes), dtype=np.int32)
            kernel.class_counts(ClassCounts(self.arguments(chosen, targets), classes, counts.ctypes.data))
            return counts
        own = targets[chosen]
        if len(own) and not 0 <= own.min() <= own.max() < classes:
            raise ValueError("a label is not of a class")
        matrix = self.scipy()[chosen]
        matrix.data[:] = 1
        member = own[:, None] == np.arange(classes)
        return np.asarray(matrix.T @ member).astype(np.int32)

    def numbers(self, rows: NDArray[np.int64] | None) -> NDArray[np.int64]:
        """Return the numbers of the chosen rows, of all for None. Raises ValueError for a row that is not there."""
        if rows is None:
            return np.arange(len(self), dtype=np.int64)
        chosen = np.ascontiguousarray(rows, dtype=np.int64)
        if len(chosen) and not 0 <= chosen.min() <= chosen.max() < len(self):
            raise ValueError("a chosen row is not in the data")
        return chosen

    def arguments(self, rows: NDArray[np.int64], labels: NDArray[np.int32] | None) -> Rows:
        """Return the chosen rows as the kernel takes them; the arrays must outlive that."""
        return Rows(
            rows=len(rows),
            row=rows.ctypes.data,
            features=self.features,
            indptr=self.indptr.ctypes.data,
            indices=self.indices.ctypes.data,
            values=None if self.values is None else self.values.ctypes.data,
            label=None if labels is None else labels.ctypes.data,
        )


@dataclass(frozen=True)
class LogisticRegression:
    """What was fitted.

    Attributes:
        coefficients: [F, K'] for columns as they are stored, the scale included. K' is 1 for two classes, the score of
            class 1 against class 0; else the number of classes, each against all others.
        intercept: [K'].
        iterations: the most that a class took; violation: the largest gradient of the dual at the end.
        state: for the `start` of another fit on the same rows, with another C; None without a kernel.
    """

    coefficients: Floats
    intercept: Floats
    iterations: int
    violation: float
    state: Floats | None = None

    def decision(self, data: SparseRows, rows: NDArray[np.int64] | None = None) -> Floats:
        """Return the scores [N, K'] of the chosen rows (None: all); an offset is not in them."""
        return data.dot(self.coefficients, rows) + self.intercept


def fit_logistic_regression(
    data: SparseRows,
    labels: ArrayLike,
    classes: int,
    *,
    c: float = 1.0,
    rows: NDArray[np.int64] | None = None,
    weights: NDArray[np.float32] | None = None,
    scale: NDArray[np.float32] | None = None,
    offset: NDArray[np.float32] | None = None,
    bias: float = 1.0,
    tolerance: float = 0.1,
    max_iterations: int = 200,
    seed: int = 0,
    threads: int = 1,
    start: LogisticRegression | None = None,
) -> LogisticRegression:
    """Minimise |w|^2 / 2 + C sum_i g_i log(1 + exp(-y_i (w . x_i + b + o_i))) for each class against all others.

    The result depends on the arguments alone, not on the threads.

    Args:
        data: [N, F].
        labels: [N], class indexes; those of rows that are not chosen do not matter.
        classes: K >= 2. Two classes are one problem.
        c: C, the weight of the data against the regularisation.
        rows: the numbers of the rows to learn from; None: all.
        weights: g, above 0, by which rows count, [N]; None: 1.
        scale: factor of each column, [F] or one for each problem [F, K']; None: 1.
        offset: o, added to the margin of each row, [N, K']; None: 0.
        bias: the value of one more column, whose weight is the intercept and regularised as any other: the larger, the
            less the intercept is held back. 0: no intercept.
        tolerance: of the largest gradient of the dual, as liblinear's -e.
        max_iterations: passes over the rows, at most.
        seed: of the order in which rows are visited.
        threads: problems solved at the same time.
        start: a fit on the same rows and problems with another C, to start from where the kernel solves.

    Raises:
        ValueError: an argument is out of range or of another shape.
    """
    problems = 1 if classes == 2 else classes
    targets = np.ascontiguousarray(labels, dtype=np.int32)
    chosen = data.numbers(rows)
    if classes < 2 or targets.shape != (len(data),) or not c > 0 or bias < 0:
        raise ValueError("there must be two or more classes, one label for each row, C above 0 and no bias below 0")
    if scale is not None:
        scale = np.ascontiguousarray(scale, dtype=np.float32).reshape(data.features, -1)
        scale = np.broadcast_to(scale, (data.features, problems))
    if weights is not None:
        weights = np.ascontiguousarray(weights, dtype=np.float32)
        if weights.shape != (len(data),) or not (np.isfinite(weights[chosen]) & (weights[chosen] > 0)).all():
            raise ValueError("there must be one weight above 0 for each row")
    if offset is not None:
        offset = np.asarray(offset, dtype=np.float32).reshape(len(data), problems)
    if start is not None and start.state is not None and start.state.shape != (len(chosen), problems, 2):
        raise ValueError("the start must be of the same rows and classes")
    kernel = library()
    if kernel is None:
        first = int(classes == 2)
        members = targets[chosen][:, None] == first + np.arange(problems)
        return _fit_by_scipy(data, members, chosen, c=c, weights=weights, scale=scale, offset=offset, bias=bias)

    def solve(block: tuple[int, int]) -> LogisticRegression:
        begin, lanes = block
        part = slice(begin, begin + lanes)
        factor = None if scale is None else np.ascontiguousarray(scale[:, part])
        moved = None if offset is None else np.ascontiguousarray(offset[:, part])
        state = np.empty((len(chosen), lanes, 2))
        if start is not None and start.state is not None:
            state[:] = start.state[:, part]
        weight = np.empty((data.features + 1, lanes))
        job = Logistic(
            data=data.arguments(chosen, targets),
            first=begin + (classes == 2),
            lanes=lanes,
            scale=None if factor is None else factor.ctypes.data,
            offset=None if moved is None else moved.ctypes.data,
            each=None if weights is None else weights.ctypes.data,
            c=c,
            bias=bias,
            tolerance=tolerance,
            iterations=max_iterations,
            seed=seed,
            warm=start is not None and start.state is not None,
            share=state.ctypes.data,
            weight=weight.ctypes.data,
        )
        kernel.logistic(job)
        return LogisticRegression(weight[:-1], weight[-1], int(job.iterations), float(job.violation), state)

    blocks = _blocks(problems)
    with ThreadPoolExecutor(max(1, min(threads, len(blocks)))) as pool:
        return _beside(list(pool.map(solve, blocks)))


def fit_one_vs_rest(
    data: SparseRows,
    members: ArrayLike,
    *,
    c: float = 1.0,
    rows: NDArray[np.int64] | None = None,
    weights: NDArray[np.float32] | None = None,
    scale: NDArray[np.float32] | None = None,
    offset: NDArray[np.float32] | None = None,
    bias: float = 1.0,
    tolerance: float = 0.1,
    max_iterations: int = 200,
    seed: int = 0,
    threads: int = 1,
    start: LogisticRegression | None = None,
) -> LogisticRegression:
    """Minimise the objective of `fit_logistic_regression` for each label by itself: a row may have several, or none.

    members: [N, L], which labels each row has; scale: [F] or [F, L]; offset: [N, L]. The other arguments are as there,
    and so are the errors. K' is L.
    """
    has = np.asarray(members, dtype=np.int32)
    if has.ndim != 2 or not has.shape[1] or len(has) != len(data):
        raise ValueError("there must be a row of labels for each row, and one label or more")
    labels = has.shape[1]
    factors = None if scale is None else np.asarray(scale, dtype=np.float32).reshape(data.features, -1)

    def solve(k: int) -> LogisticRegression:
        own = None if start is None or start.state is None else start.state[:, k : k + 1]
        return fit_logistic_regression(
            data,
            has[:, k],
            2,
            c=c,
            rows=rows,
            weights=weights,
            scale=None if factors is None else factors[:, k if factors.shape[1] > 1 else 0],
            offset=None if offset is None else offset[:, k],
            bias=bias,
            tolerance=tolerance,
            max_iterations=max_iterations,
            seed=seed,
            start=None if own is None or start is None else replace(start, state=own),
        )

    with ThreadPoolExecutor(max(1, min(threads, labels))) as pool:
        return _beside(list(pool.map(solve, range(labels))))


def _beside(solved: list[LogisticRegression]) -> LogisticRegression:
    """Return problems that were solved apart as one fit, in their order."""
    if len(solved) == 1:
        return solved[0]
    states = [part.state for part in solved if part.state is not None]
    return LogisticRegression(
        np.concatenate([part.coefficients for part in solved], axis=1),
        np.concatenate([part.intercept for part in solved]),
        max(part.iterations for part in solved),
        max(part.violation for part in solved),
        np.concatenate(states, axis=1) if states else None,
    )


def naive_bayes_ratio(counts: NDArray[np.int32], alpha: float = 1.0) -> NDArray[np.float32]:
    """Return the log-count ratio of each feature, r of Wang and Manning (2012): [F, K'], of each class against others.

    counts: [F, K], as `class_counts` returns them. alpha: added to each count. For two classes K' is 1: class 1
    against class 0.
    """
    own = counts[:, 1:].astype(np.float64) if counts.shape[1] == 2 else counts.astype(np.float64)
    rest = alpha + counts.sum(axis=1, keepdims=True) - own
    own += alpha
    ratio = np.log(own / own.sum(axis=0)) - np.log(rest / rest.sum(axis=0))
    return np.ascontiguousarray(ratio, dtype=np.float32)


def _blocks(problems: int) -> list[tuple[int, int]]:
    """Return (first, number) of the problems that the kernel solves side by side."""
    blocks, begin = [], 0
    while begin < problems:
        size = next(lanes for lanes in LANES if lanes <= problems - begin)
        blocks.append((begin, size))
        begin += size
    return blocks


def _fit_by_scipy(
    data: SparseRows,
    members: NDArray[np.bool_],
    rows: NDArray[np.int64],
    *,
    c: float,
    weights: NDArray[np.float32] | None,
    scale: NDArray[np.float32] | None,
    offset: NDArray[np.float32] | None,
    bias: float,
) -> LogisticRegression:
    """Minimise the same objectives. members: [rows, K'], whether a row is of the class."""
    from scipy import sparse
    from scipy.optimize import minimize
    from scipy.special import expit

    plain = data.scipy()[rows]
    problems = members.shape[1]
    coefficients, intercept = np.empty((data.features, problems)), np.empty(problems)
    steps, violation = 0, 0.0
    cost = np.full(len(rows), c) if weights is None else c * weights[rows].astype(np.float64)
    for k in range(problems):
        factor = np.ones(data.features) if scale is None else scale[:, k].astype(np.float64)
        matrix = sparse.hstack([plain.multiply(factor[None, :]), np.full((len(rows), 1), bias)], format="csr")
        sign = np.where(members[:, k], 1.0, -1.0)
        moved = np.zeros(len(rows)) if offset is None else offset[rows, k].astype(np.float64)

        def objective(
            w: Floats, matrix: Any = matrix, sign: Floats = sign, moved: Floats = moved
        ) -> tuple[float, Floats]:
            margin = sign * (matrix @ w + moved)
            slope = matrix.T @ (cost * sign * expit(-margin))
            return float(0.5 * w @ w + cost @ np.logaddexp(0, -margin)), w - slope

        found = minimize(
            objective,
            np.zeros(data.features + 1),
            jac=True,
            method="L-BFGS-B",
            options={"maxiter": 2000, "ftol": 1e-13, "gtol": 1e-7},
        )
        coefficients[:, k], intercept[k] = factor * found.x[:-1], bias * found.x[-1]
        steps, violation = max(steps, int(found.nit)), max(violation, float(np.abs(found.jac).max()))
    return LogisticRegression(coefficients, intercept, steps, violation)
