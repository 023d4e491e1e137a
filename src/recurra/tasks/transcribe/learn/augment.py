"""What is done to utterances in training, so that the network hears more voices and rooms than were recorded."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from recurra.tasks.transcribe.features import FrontEnd


class SpeechAugmentation:
    """Joins utterances of a speaker."""

    def __init__(self, front_end: FrontEnd, mean: NDArray[np.float32]) -> None:
        self._front_end, self._mean = front_end, mean

    def joined(self, rng: np.random.Generator) -> int:
        """Return how many utterances are joined to one."""
        return int(rng.integers(0, 3))

    def __call__(self, parts: Sequence[NDArray[np.float32]], rng: np.random.Generator) -> NDArray[np.float32]:
        """Return the steps [T, D] of utterances that are joined to one."""
        return self._front_end(np.concatenate(parts))
