"""The network and the linear model in one set of weights, which count as much as their blend says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.tasks.series.learn.blend import Blend
from recurra.tasks.series.learn.linear import LinearModel

Floats = NDArray[np.float32]


def together(
    network: Mapping[str, Floats], linear: LinearModel | None, blend: Blend, centre: float, scale: float
) -> dict[str, Floats]:
    """Return the weights by the names of `SeriesShape.weight_shapes`.

    network: those of the network. centre, scale: the mean and the deviation of the numbers that were learnt, so that
    the outputs have their unit; 0 and 1 for labels.
    """
    weights = dict(network)
    bias = network["head.bias"] * blend.network
    if linear is not None:
        bias = bias + linear.ridge.bias * blend.convolutions
        weights |= {
            "convolutions.channels": linear.convolutions.channels,
            "convolutions.biases": linear.convolutions.biases,
            "convolutions.widths": linear.convolutions.widths,
            "convolutions.weight": _scaled(linear.ridge.weights.T, blend.convolutions * scale),
        }
    weights["head.weight"] = _scaled(network["head.weight"], blend.network * scale)
    weights["head.bias"] = (bias * scale + centre).astype(np.float32)
    return weights


def _scaled(weight: NDArray[np.floating[Any]], factor: float) -> Floats:
    return np.ascontiguousarray(weight * factor, dtype=np.float32)
