"""Ridge regression whose penalty is chosen by leaving out one row at a time, all of them at once.

What a row's target would be predicted to be without that row follows from the fit to all rows. Source: Golub, Heath and
Wahba, 1979, Generalized cross-validation as a method for choosing a good ridge parameter; the leave-one-out form is
Allen's PRESS.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

PENALTIES = np.logspace(0, 6, 13)
"""Those that are tried, for features of variance 1. With far more features than rows a smaller one fits every row, and
what is left of the error of a row left out is rounding."""
_LEAST_LEVERAGE = 1e-10

Floats = NDArray[np.float64]
Features = NDArray[np.float32]


@dataclass(frozen=True)
class RidgeFit:
    """A linear model of features [P]: features @ weights + bias.

    weights: [P, K]; bias: [K]; left_out: [N, K], the prediction for each training row by the other rows; penalty: the
    one that was chosen.
    """

    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    left_out: Floats
    penalty: float


def fit_ridge(features: Features, targets: Floats, penalties: Floats = PENALTIES) -> RidgeFit:
    """Fit targets [N, K], N >= 2, on features [N, P], which are standardised for the penalty.

    The penalty is that of the least squared error of the rows left out, over all targets together.
    """
    mean, deviation = features.mean(axis=0, dtype=np.float64), features.std(axis=0, dtype=np.float64)
    scale = np.where(deviation > 1e-8, 1 / np.maximum(deviation, 1e-8), 0.0)
    x = ((features - mean) * scale).astype(np.float64)
    centre = targets.mean(axis=0)
    y = targets - centre
    rows, count = x.shape
    if rows <= count:
        spectrum, left = np.linalg.eigh(x @ x.T)
        spectrum = np.maximum(spectrum, 0)
    else:
        spectrum, right = np.linalg.eigh(x.T @ x)
        spectrum = np.maximum(spectrum, 0)
        kept = spectrum > 1e-12 * max(float(spectrum[-1]), 1e-300)
        spectrum, right = spectrum[kept], right[:, kept]
        left = x @ right / np.sqrt(spectrum)
    turned = left.T @ y
    best: tuple[float, float, Floats] | None = None
    for penalty in penalties:
        shrunk = spectrum / (spectrum + penalty)
        fitted = left @ (shrunk[:, None] * turned)
        leverage = 1 / rows + np.square(left) @ shrunk
        left_out = targets - (y - fitted) / np.maximum(1 - leverage, _LEAST_LEVERAGE)[:, None]
        error = float(np.square(targets - left_out).sum())
        if best is None or error < best[0]:
            best = error, float(penalty), left_out
    assert best is not None
    _, penalty, left_out = best
    if rows <= count:
        solved = x.T @ (left @ (turned / (spectrum + penalty)[:, None]))
    else:
        solved = right @ ((np.sqrt(spectrum) / (spectrum + penalty))[:, None] * turned)
    weights = solved * scale[:, None]
    bias = centre - mean @ weights
    return RidgeFit(weights.astype(np.float32), bias.astype(np.float32), left_out, penalty)
