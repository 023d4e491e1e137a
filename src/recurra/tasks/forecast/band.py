"""From the network's quantiles of the anchor's error to those of the series."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
LEVELS = (0.1, 0.5, 0.9)
"""Of the quantiles."""


def corrected(quantiles: Floats, share: float | Floats, band: float) -> Floats:
    """Return quantiles [.., H, 3] of which the middle one counts in part, and the others keep their distance from it,
    times `band`. share: a number, or one for each row, [.., 1]."""
    middle = quantiles[..., 1]
    moved = share * middle
    below, above = band * (middle - quantiles[..., 0]), band * (quantiles[..., 2] - middle)
    return np.stack([moved - below, moved, moved + above], axis=-1)
