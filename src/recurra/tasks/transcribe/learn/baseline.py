"""The baseline of a transcriber."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from recurra.tasks.transcribe.features import FrontEnd

NAME = "nearest template by dynamic time warping"


class Templates:
    """Recorded words with their transcripts."""

    def nearest(self, samples: NDArray[np.float32]) -> str:
        """Return the transcript of the nearest recording."""
        raise NotImplementedError


def fit_templates(
    recordings: Iterable[tuple[str, NDArray[np.float32]]], transcripts: Sequence[str], front_end: FrontEnd, seed: int
) -> Templates | None:
    """Return the templates; None where the transcripts are not single words of a closed list."""
    return None
