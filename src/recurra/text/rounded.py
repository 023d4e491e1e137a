"""Weights in 8 bits each, fine near zero: most weights of n-grams are small, and a few are not.

A weight w is kept as the code round(127 sign(w) sqrt(|w| / largest)), and read back as scale * code * |code|, where
scale = largest / 127^2. So a weight is off by 0.8 % of the root of itself times the largest at most: by 0.8 % of the
largest weight, and by 6 % of one that is a sixtieth of it. Zero stays zero, which the features that stand for nothing
need.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

STEPS = 127
CHUNK = 1 << 18


def rounded(weights: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Return the codes of weights of any shape, and their scale [1]."""
    largest = float(max(weights.max(initial=0), -weights.min(initial=0))) or 1.0
    codes = np.empty(weights.shape, dtype=np.int8)
    flat, target = weights.reshape(-1), codes.reshape(-1)
    for start in range(0, len(flat), CHUNK):  # a table is large
        part = flat[start : start + CHUNK]
        target[start : start + CHUNK] = np.rint(np.copysign(STEPS * np.sqrt(np.abs(part) / largest), part))
    return codes, np.array([largest / STEPS**2], dtype=np.float32)


def restored(codes: NDArray[np.int8], scale: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the weights that codes stand for, float32."""
    values = (np.arange(-128, 128, dtype=np.float32) * np.abs(np.arange(-128, 128, dtype=np.float32))) * scale[0]
    found: NDArray[np.float32] = values.astype(np.float32)[codes.astype(np.int16) + 128]
    return found
