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
    """Sequences of ids or of vectors, padded to the longest one among them.

    values: [B, T] int64, or [B, T, D] float32; lengths: [B] int64, 1 <= lengths <= T. beside: [B, F] float32, what
    stands beside each sequence, if anything does.
    """

    values: Tensor
    lengths: Tensor
    beside: Tensor | None = None

    @classmethod
    def of(cls, sequences: Sequence[NDArray[np.generic]], device: torch.device | str = "cpu") -> Batch:
        """Pad `sequences`, each with T_i >= 1 steps, into one batch on `device`.

        sequences: ids [T_i] of any integer type, or vectors [T_i, D] of any floating type, D the same in all.
        Raises ValueError for anything else.
        """
        lengths = np.array([len(sequence) for sequence in sequences], dtype=np.int64)
        if len(lengths) == 0 or lengths.min() < 1:
            raise ValueError("a batch needs at least one sequence, and every sequence at least one step")
        first = sequences[0]
        kind, rank, dtype = (np.integer, 1, np.int64) if first.ndim == 1 else (np.floating, 2, np.float32)
        for sequence in sequences:
            if (
                sequence.ndim != rank
                or sequence.shape[1:] != first.shape[1:]
                or not np.issubdtype(sequence.dtype, kind)
            ):
                raise ValueError(
                    "a batch holds ids [T] of integers or vectors [T, D] of floats, of one D, "
                    f"not {first.shape} {first.dtype} and {sequence.shape} {sequence.dtype}"
                )
        values = np.full((len(sequences), int(lengths.max()), *first.shape[1:]), PADDING, dtype=dtype)
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
        steps = torch.arange(self.values.shape[1], device=self.values.device).expand(self.values.shape[:2])
        return torch.where(steps < self.lengths[:, None], self.lengths[:, None] - 1 - steps, steps)

    def rows(self) -> tuple[Tensor, Tensor]:
        """Return ([B * T, D] the vectors, [B, T] int32 where each step finds its own among them): see `Recurrent`."""
        index = torch.arange(self.values.shape[:2].numel(), dtype=torch.int32, device=self.values.device)
        return self.values.flatten(0, 1), index.view(self.values.shape[:2])


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
