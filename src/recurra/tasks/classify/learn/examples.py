"""The rows to train on or to validate with, as ids; they may lie in a file and be read when they are needed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from recurra.nn.batch import Batch, length_grouped
from recurra.text.tokenizer import Encoding, Tokenizer


class Pool(Protocol):
    """Ids in one long array, read by slices: an array, or `data.token_store.TokenStore`."""

    def __getitem__(self, part: slice, /) -> NDArray[np.int32]: ...


@dataclass(frozen=True)
class Examples:
    """Encoded rows with their targets.

    pool: [P] int32, provisional ids of a whole corpus; starts: [N], counts: [N]: where each row lies in the pool;
    table: int32 table from provisional ids to the tokenizer's; targets: [N] int64; lengths: [N] ids after
    truncation and filling.
    """

    pool: Pool
    starts: NDArray[np.int64]
    counts: NDArray[np.int64]
    table: NDArray[np.int32]
    tokenizer: Tokenizer
    targets: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.targets)

    @property
    def lengths(self) -> NDArray[np.int64]:
        limit = self.tokenizer.max_tokens
        if limit is None:
            return np.maximum(self.counts, 1)
        return np.full_like(self.counts, limit) if self.tokenizer.fill else np.clip(self.counts, 1, limit)

    @property
    def truncated(self) -> NDArray[np.bool_]:
        limit = self.tokenizer.max_tokens
        return np.zeros(len(self), dtype=bool) if limit is None else self.counts > limit

    def encoding(self, row: int) -> Encoding:
        """Return one row as the network sees it: what `tokenizer.encode` gives for its text."""
        start = self.starts[row]
        return self.tokenizer.fit_length(self.table[self.pool[start : start + self.counts[row]]])

    def batches(self, size: int, rng: np.random.Generator) -> list[NDArray[np.int64]]:
        """Return the batches of one epoch: rows of similar length together, in random order."""
        return length_grouped(self.lengths, size, rng)

    def batch(self, rows: NDArray[np.int64], device: torch.device | str = "cpu") -> tuple[Batch, torch.Tensor]:
        """Return (batch of the rows, targets [B])."""
        batch = Batch.of([self.encoding(int(row)).ids for row in rows], device)
        return batch, torch.from_numpy(self.targets[rows]).to(device)

    def select(self, rows: NDArray[np.int64] | NDArray[np.bool_]) -> Examples:
        """Return the given rows alone, over the same pool."""
        return Examples(self.pool, self.starts[rows], self.counts[rows], self.table, self.tokenizer, self.targets[rows])
