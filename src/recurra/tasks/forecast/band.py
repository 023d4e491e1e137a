"""From the network's quantiles of the anchor's error to those of the series."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
LEVELS = (0.1, 0.5, 0.9)
"""Of the quantiles."""
USUAL = 1.6
"""The distance of the outer quantiles of a normal error from the middle one, in units of its mean size."""


def corrected(quantiles: Floats, share: float | Floats, band: float, learnt: float) -> Floats:
    """Return quantiles [.., H, 3] of which the middle one counts in part, and the others are `band` times a mean of
    the distance that they had from it and of the usual one away.

    quantiles: in units of how large an error of the anchor usually is. share: a number, or one for each row, [.., 1].
    learnt: how much the distance that they had counts in the mean.
    """
    middle = quantiles[..., 1]
    moved = share * middle
    below, above = (band * (learnt * np.abs(quantiles[..., place] - middle) + (1 - learnt) * USUAL) for place in (0, 2))
    return np.stack([moved - below, moved, moved + above], axis=-1)
