"""The waveforms of all utterances on disk, so that memory does not grow with the hours of speech."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from recurra.data.spill_file import SpillFile

SCALE = 2**15 - 1
"""A sample of 1.0 as it is kept: 16 bits, as most recordings have them."""
BYTES = 2


class Waveforms:
    """Samples of N utterances at one rate, each read back when it is needed.

    directory: where the file lies (default: the system's place for temporary files).
    """

    def __init__(self, directory: Path | None = None) -> None:
        self._file = SpillFile("waveforms", directory)
        self._ends: list[int] = []

    def append(self, samples: NDArray[np.float32]) -> None:
        """Keep the samples of one more utterance, within [-1, 1]; louder ones are clipped."""
        kept = np.round(np.clip(samples, -1, 1) * SCALE).astype("<i2")
        self._file.append(kept.tobytes())
        self._ends.append(len(self._file))

    def __len__(self) -> int:
        return len(self._ends)

    def samples(self, row: int) -> int:
        """Return how many samples an utterance has."""
        return (self._ends[row] - self._start(row)) // BYTES

    def __getitem__(self, row: int) -> NDArray[np.float32]:
        kept = np.frombuffer(self._file.read(self._start(row), self._ends[row]), dtype="<i2")
        return kept.astype(np.float32) / np.float32(SCALE)

    def close(self) -> None:
        """Give the disk space back."""
        self._file.close()

    def _start(self, row: int) -> int:
        return self._ends[row - 1] if row else 0
