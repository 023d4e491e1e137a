"""Cuts sound of any length into pieces that are heard one by one, each where it is quietest, so not within a word."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

LONGEST = 30.0
"""Seconds of a piece, at most."""
FRAMES = 100
"""In a second: the energy is measured of each."""
PAUSE = 30
"""Frames (0.3 s) over which it is quietest where a piece ends."""


def pieces(blocks: Iterable[Floats], rate: int, longest: float = LONGEST) -> Iterator[tuple[float, Floats]]:
    """Yield pieces of sound, each with the second at which it begins; one after the other they are the sound.

    blocks: consecutive samples [N], such as of `audio_blocks`. rate: samples a second, at least 100. longest: seconds
    of a piece, at most, and at least 1; each but the last is at least half as long. Sound that is no longer is one
    piece. Memory: that of one piece and one block.
    """
    begun = 0
    waiting = np.empty(0, dtype=np.float32)
    for block in blocks:
        waiting = np.concatenate([waiting, block])
        while (end := first_end(waiting, rate, longest)) is not None:
            yield begun / rate, waiting[:end]
            begun += end
            waiting = waiting[end:]
    if len(waiting):
        yield begun / rate, waiting


def first_end(waiting: Floats, rate: int, longest: float = LONGEST) -> int | None:
    """Return how many of the samples [N] that wait are the first piece; None where that is not known yet."""
    most = int(longest * rate)
    if len(waiting) <= most:
        return None
    return most // 2 + _quietest(waiting[most // 2 : most], rate)


def _quietest(samples: Floats, rate: int) -> int:
    """Return where samples [N] are quietest: the middle of the pause, or of the least loud stretch of its length."""
    hop = rate // FRAMES
    frames = samples[: len(samples) // hop * hop].reshape(-1, hop)
    energies = np.square(frames - frames.mean(axis=1, keepdims=True)).sum(axis=1, dtype=np.float64)
    width = min(PAUSE, len(energies))
    stretches = np.convolve(energies, np.ones(width), mode="valid")
    return (int(stretches.argmin()) + width // 2) * hop
