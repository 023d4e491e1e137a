"""The linear model of random convolutions beside the network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.tasks.series.convolutions import RandomConvolutions
from recurra.tasks.series.learn.fit_convolutions import fit_convolutions
from recurra.tasks.series.learn.ridge import RidgeFit, fit_ridge
from recurra.tasks.series.options import SeriesOptions
from recurra.tasks.series.shape import Kind

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class LinearModel:
    """Random convolutions, and the ridge regression that reads their features."""

    convolutions: RandomConvolutions
    ridge: RidgeFit

    def outputs(self, standard: Sequence[Floats]) -> Floats:
        """Return the outputs [N, K] for standardised frames [T_n, V]."""
        return self.convolutions.of_all(standard) @ self.ridge.weights + self.ridge.bias


def fit_linear(
    standard: Sequence[Floats], targets: NDArray[Any], outputs: int, kind: Kind, options: SeriesOptions
) -> LinearModel | None:
    """Return the linear model of standardised frames [T_n, V]; None where no convolutions are asked for.

    targets: [N], the number of the label, for which 1 is to be predicted and -1 for the others, or the number.
    """
    if options.convolutions == 0:
        return None
    convolutions = fit_convolutions(standard, np.random.default_rng(options.seed), options.convolutions)
    wanted = np.eye(outputs)[targets] * 2 - 1 if kind == "classify" else targets[:, None].astype(np.float64)
    return LinearModel(convolutions, fit_ridge(convolutions.of_all(standard), wanted))
