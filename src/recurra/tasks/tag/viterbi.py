"""The likeliest tags of a conditional random field, in NumPy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Transitions:
    """What a CRF adds to the scores of single words.

    moves: [K, K], from a tag (row) to the next one (column); starts, ends: [K]. All float32.
    """

    moves: NDArray[np.float32]
    starts: NDArray[np.float32]
    ends: NDArray[np.float32]


def viterbi(scores: NDArray[np.float32], lengths: NDArray[np.int64], of: Transitions) -> NDArray[np.int64]:
    """Return the likeliest tags [B, T] of sentences of `lengths` [B]; 0 beyond a length. scores: [B, T, K]."""
    rows, time, _ = scores.shape
    best = of.starts + scores[:, 0]  # [B, K]
    came_from = np.zeros((time, rows, len(of.starts)), dtype=np.int64)
    for t in range(1, time):
        paths = best[:, :, None] + of.moves  # [B, K, K]
        came_from[t] = paths.argmax(axis=1)
        step = paths.max(axis=1) + scores[:, t]
        best = np.where((t < lengths)[:, None], step, best)
    tags = np.zeros((rows, time), dtype=np.int64)
    tag = (best + of.ends).argmax(axis=1)
    every = np.arange(rows)
    for t in range(time - 1, -1, -1):
        real = t < lengths
        tags[:, t] = np.where(real, tag, 0)
        tag = np.where(real, came_from[t][every, tag], tag)
    return tags
