"""Series as the network takes them, and what is to be learnt of each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from recurra.nn.batch import Batch, length_grouped

Floats = NDArray[np.float32]

MIXED = 50
"""Batches of an epoch up to which series of any length are put together: fewer make a single pool of
`length_grouped`, which would put the same series together in every epoch."""


class Examples:
    """N series. frames: [T_n, V] each; targets: [N], the number of the label, or a standardised number."""

    def __init__(self, frames: Sequence[Floats], targets: NDArray[np.int64] | Floats) -> None:
        self.frames, self.targets = frames, targets
        self.lengths = np.array([len(values) for values in frames], dtype=np.int64)

    def __len__(self) -> int:
        return len(self.frames)

    def of(self, rows: NDArray[np.int64]) -> Examples:
        """Return some of them, in the order of `rows`."""
        return Examples([self.frames[row] for row in rows], self.targets[rows])

    def batches(self, size: int, rng: np.random.Generator) -> list[NDArray[np.int64]]:
        """Return the batches of one epoch, in random order, of `size` rows at most.

        Few rows are put together at random, in batches of one size but for a row, since the normalisation in the
        network learns from whole batches; many by their length.
        """
        if len(self) > MIXED * size:
            return length_grouped(self.lengths, size, rng)
        return np.array_split(rng.permutation(len(self)), -(-len(self) // size))

    def batch(self, rows: NDArray[np.int64], device: torch.device | str = "cpu") -> tuple[Batch, Tensor]:
        """Return (frames [B, T, V], targets [B])."""
        return Batch.of([self.frames[row] for row in rows], device), torch.from_numpy(self.targets[rows]).to(device)
