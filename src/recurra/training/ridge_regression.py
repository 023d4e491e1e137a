"""Ridge regression on sparse rows: least squares with a penalty on the squared weights, the intercept left free.

It is solved by conjugate gradients for least squares (LSQR: Paige and Saunders, 1982), which reads the data some tens
of times and never makes the features' products. Rows are chosen by number and columns scaled by factors, as in
`logistic_regression.py`. Needs SciPy (with scikit-learn, in the `train` extra).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from recurra.training.logistic_regression import Floats, SparseRows

TOLERANCE = 1e-4
MAX_ITERATIONS = 100


@dataclass(frozen=True)
class RidgeRegression:
    """What was fitted. coefficients: [F], for columns as they are stored, the scale included; intercept; iterations."""

    coefficients: Floats
    intercept: float
    iterations: int

    def predict(self, data: SparseRows, rows: NDArray[np.int64] | None = None) -> Floats:
        """Return the predictions [N] for the chosen rows (None: all)."""
        return data.dot(self.coefficients[:, None], rows)[:, 0] + self.intercept


class RidgeProblem:
    """Rows [N, F] and their targets [N], to be fitted several times: the data are made ready for SciPy once."""

    def __init__(self, data: SparseRows, targets: ArrayLike, weights: ArrayLike | None = None) -> None:
        """weights: of the rows [N], above 0; None: 1. Raises ValueError where there is not one finite target, and one
        such weight, for each row."""
        self.targets = np.asarray(targets, dtype=np.float64)
        self.weights = np.ones(len(data)) if weights is None else np.asarray(weights, dtype=np.float64)
        if self.targets.shape != (len(data),) or not np.isfinite(self.targets).all():
            raise ValueError("there must be one finite target for each row")
        if self.weights.shape != (len(data),) or not ((self.weights > 0) & np.isfinite(self.weights)).all():
            raise ValueError("there must be one weight above 0 for each row")
        self.data = data
        self._matrix: Any = data.scipy()

    def fit(
        self,
        alpha: float,
        *,
        rows: NDArray[np.int64] | None = None,
        scale: ArrayLike | None = None,
        tolerance: float = TOLERANCE,
        max_iterations: int = MAX_ITERATIONS,
    ) -> RidgeRegression:
        """Minimise the weighted sum of (y - b - x w)^2 plus alpha |w|^2 over the chosen rows (None: all).

        scale: factor of each column [F]; None: 1. tolerance: LSQR's, of the residual's and the gradient's size.
        Raises ValueError where alpha is not positive, no row is chosen, or the scale is of another shape.
        """
        from scipy.sparse.linalg import LinearOperator, lsqr

        chosen = self.data.numbers(rows)
        factors = np.ones(self.data.features) if scale is None else np.asarray(scale, dtype=np.float64)
        if not alpha > 0 or not len(chosen) or factors.shape != (self.data.features,):
            raise ValueError("alpha must be positive, with a row at least and one factor for each feature")
        matrix = self._matrix if len(chosen) == len(self.data) else self._matrix[chosen]
        targets, share = self.targets[chosen], self.weights[chosen]
        root, share = np.sqrt(share), share / share.sum()

        def centred(values: Floats) -> Floats:  # so that the intercept need not be solved for
            return np.asarray(root * (values - share @ values))

        def transposed(values: Floats) -> Floats:
            moved = root * values
            return np.asarray(factors * (matrix.T @ (moved - share * moved.sum())))

        operator = LinearOperator(
            (len(chosen), self.data.features),
            matvec=lambda weights: centred(matrix @ (factors * np.ravel(weights))),
            rmatvec=lambda values: transposed(np.ravel(values)),
            dtype=np.float64,
        )
        weights, _, iterations, *_ = lsqr(
            operator,
            centred(targets),
            damp=float(np.sqrt(alpha)),
            atol=tolerance,
            btol=tolerance,
            iter_lim=max_iterations,
        )
        coefficients = factors * weights
        return RidgeRegression(coefficients, float(share @ (targets - matrix @ coefficients)), int(iterations))
