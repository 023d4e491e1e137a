"""Series as the network takes them, and what is to be learnt of each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from recurra.nn.batch import Batch, length_grouped

Floats = NDArray[np.float32]


class Examples:
    """N series. frames: [T_n, V] each; targets: [N], the number of the label, or a standardised number."""

    def __init__(self, frames: Sequence[Floats], targets: NDArray[np.int64] | Floats) -> None:
        self.frames, self.targets = frames, targets
        self.lengths = np.array([len(values) for values in frames], dtype=np.int64)

    def __len__(self) -> int:
        return len(self.frames)

    def batches(self, size: int, rng: np.random.Generator) -> list[NDArray[np.int64]]:
        """Return the batches of one epoch, series of similar length together, in random order."""
        return length_grouped(self.lengths, size, rng)

    def batch(self, rows: NDArray[np.int64], device: torch.device | str = "cpu") -> tuple[Batch, Tensor]:
        """Return (frames [B, T, V], targets [B])."""
        return Batch.of([self.frames[row] for row in rows], device), torch.from_numpy(self.targets[rows]).to(device)
