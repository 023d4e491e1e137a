"""Check weights before they are exported, and what the exported file answers before anyone relies on it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from recurra.errors import ExportError
from recurra.export.graph_builder import FloatArray, Weights

TOLERANCE = 1e-4
"""The largest difference between an exported answer and the network's own, relative to those above 1."""


def fitting(weights: Weights, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, FloatArray]:
    """Return the weights as float32, codes in 8 bits as they are, in the order of `shapes`.

    Raises ExportError for weights that are missing, unknown, of another shape, or not finite.
    """
    missing, unknown = sorted(shapes.keys() - weights.keys()), sorted(weights.keys() - shapes.keys())
    if missing or unknown:
        raise ExportError(
            f"The weights do not fit the network: missing {missing or 'none'}, not of this network {unknown or 'none'}."
        )
    for name, shape in shapes.items():
        if np.shape(weights[name]) != shape:
            raise ExportError(f"The weight {name} has shape {np.shape(weights[name])}; the network needs {shape}.")
    return finite({name: weights[name] for name in shapes})


def finite(weights: Weights) -> dict[str, FloatArray]:
    """Return the weights as float32, codes in 8 bits as they are. Raises ExportError where one is not finite."""
    checked = {}
    for name, array in weights.items():
        if array.dtype == np.int8:
            checked[name] = array
            continue
        with np.errstate(over="ignore"):
            checked[name] = np.asarray(array, dtype=np.float32)
        if not np.isfinite(checked[name]).all():
            raise ExportError(f"The weight {name} holds values that are not finite; such a network cannot answer.")
    return checked


def check_answers(exported: npt.NDArray[np.floating], expected: npt.NDArray[np.floating]) -> None:
    """Raise ExportError where the answers of an exported file are not the network's own, to within `TOLERANCE`.

    exported, expected: arrays of one shape.
    """
    if exported.shape != expected.shape:
        raise ExportError(f"The exported graph answers with the shape {exported.shape}; expected is {expected.shape}.")
    difference = float(np.max(np.abs(exported - expected) / np.maximum(1, np.abs(expected))))
    if not difference <= TOLERANCE:  # also where it is not a number
        raise ExportError(
            f"The exported graph answers differently from the trained network: by {difference:.2g}, where at most "
            f"{TOLERANCE:g} is accepted. Nothing was written. Please report this with the versions in use."
        )
