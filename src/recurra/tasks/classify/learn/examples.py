"""The rows to train on or to validate with, as ids; they may lie in a file and be read when they are needed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from recurra.nn.batch import Batch, length_grouped
from recurra.text.tokenizer import FIRST_WORD, Encoding, Tokenizer


class Pool(Protocol):
    """Ids in one long array, read by slices: an array, or `data.token_store.TokenStore`."""

    def __getitem__(self, part: slice, /) -> NDArray[np.int32]: ...


@dataclass(frozen=True)
class Targets:
    """What a batch of B rows is to be. labels: [B] int64; offsets: [B, outputs], see `Examples`."""

    labels: Tensor
    offsets: Tensor | None = None

    def __len__(self) -> int:
        return len(self.labels)

    def whole(self, outputs: Tensor) -> Tensor:
        """Return the logits of the whole model [B, outputs] from the network's."""
        return outputs if self.offsets is None else outputs + self.offsets


@dataclass(frozen=True)
class Examples:
    """Encoded rows with their targets.

    pool: [P] int32, provisional ids of a whole corpus; starts: [N], counts: [N]: where each row lies in the pool;
    table: int32 table from provisional ids to the tokenizer's; targets: [N] int64; lengths: [N] ids after
    truncation and filling; offsets: [N, outputs] float32, logits that are added to the network's in training.
    """

    pool: Pool
    starts: NDArray[np.int64]
    counts: NDArray[np.int64]
    table: NDArray[np.int32]
    tokenizer: Tokenizer
    targets: NDArray[np.int64]
    offsets: NDArray[np.float32] | None = None

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

    def encodings(self) -> list[Encoding]:
        """Return every row as the network sees it."""
        return [self.encoding(row) for row in range(len(self))]

    def word_counts(self) -> NDArray[np.int64]:
        """Return how often each word of the vocabulary occurs in the rows, as they are read: [V - 2]."""
        ids = np.concatenate([encoding.ids for encoding in self.encodings()])
        return np.bincount(ids, minlength=self.tokenizer.size)[FIRST_WORD:]

    def batches(self, size: int, rng: np.random.Generator) -> list[NDArray[np.int64]]:
        """Return the batches of one epoch: rows of similar length together, in random order."""
        return length_grouped(self.lengths, size, rng)

    def batch(self, rows: NDArray[np.int64], device: torch.device | str = "cpu") -> tuple[Batch, Targets]:
        """Return (batch of the rows, their targets)."""
        batch = Batch.of([self.encoding(int(row)).ids for row in rows], device)
        offsets = None if self.offsets is None else torch.from_numpy(self.offsets[rows]).to(device)
        return batch, Targets(torch.from_numpy(self.targets[rows]).to(device), offsets)

    def select(self, rows: NDArray[np.int64] | NDArray[np.bool_]) -> Examples:
        """Return the given rows alone, over the same pool."""
        offsets = None if self.offsets is None else self.offsets[rows]
        return replace(
            self, starts=self.starts[rows], counts=self.counts[rows], targets=self.targets[rows], offsets=offsets
        )
