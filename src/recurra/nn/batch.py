"""Batches of sequences of unequal length: the one place where sequences are padded.

Padding is always on the right. A forward recurrence needs no mask then, since padding comes after every real step; a
backward one reads each sequence reversed within its own length (`Batch.reversed_index`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

PADDING = 0
"""The value after a sequence's end in `Batch.values`. Nothing may depend on it."""


@dataclass(frozen=True)
class Batch:
    """Sequences padded to the longest one among them.

    values: [B, T] int64; lengths: [B] int64, 1 <= lengths <= T.
    """

    values: Tensor
    lengths: Tensor

    @classmethod
    def of(cls, sequences: Sequence[NDArray[np.int32]], device: torch.device | str = "cpu") -> Batch:
        """Pad `sequences`, each [T_i] with T_i >= 1, into one batch on `device`."""
        lengths = np.array([len(sequence) for sequence in sequences], dtype=np.int64)
        if len(lengths) == 0 or lengths.min() < 1:
            raise ValueError("a batch needs at least one sequence, and every sequence at least one step")
        values = np.full((len(sequences), int(lengths.max())), PADDING, dtype=np.int64)
        for row, sequence in zip(values, sequences, strict=True):
            row[: len(sequence)] = sequence
        return cls(torch.from_numpy(values).to(device), torch.from_numpy(lengths).to(device))

    def __len__(self) -> int:
        return len(self.lengths)

    def mask(self) -> Tensor:
        """Return [B, T] bool: True at real steps."""
        return torch.arange(self.values.shape[1], device=self.values.device) < self.lengths[:, None]

    def reversed_index(self) -> Tensor:
        """Return [B, T] int64: the step at each position once every sequence is reversed within its own length.

        Padding stays where it is, so the index is its own inverse.
        """
        steps = torch.arange(self.values.shape[1], device=self.values.device).expand(self.values.shape)
        return torch.where(steps < self.lengths[:, None], self.lengths[:, None] - 1 - steps, steps)


def length_grouped(lengths: NDArray[np.int64], size: int, rng: np.random.Generator) -> list[NDArray[np.int64]]:
    """Return batches of row numbers in random order, each of rows of similar length.

    lengths: [N]. Rows are shuffled, cut into pools of 50 batches, sorted by length within a pool and cut into batches,
    which are then shuffled. Every row appears exactly once; all batches but the last of a pool hold `size` rows.
    """
    order = rng.permutation(len(lengths))
    batches: list[NDArray[np.int64]] = []
    for pool in _slices(order, 50 * size):
        batches.extend(_slices(pool[np.argsort(lengths[pool], kind="stable")], size))
    return [batches[i] for i in rng.permutation(len(batches))]


def _slices(rows: NDArray[np.int64], size: int) -> Iterator[NDArray[np.int64]]:
    """Cut rows [N] into slices of `size`; the last may be shorter."""
    return (rows[start : start + size] for start in range(0, len(rows), size))
