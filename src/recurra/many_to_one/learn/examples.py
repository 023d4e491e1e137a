"""The rows to train on or to validate with, as ids; they may lie in a file and be read when they are needed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from recurra.data.feature_encoder import AT_ONCE, FeatureEncoder
from recurra.nn.batch import Batch, length_grouped
from recurra.text.tokenizer import FIRST_WORD, Encoding, Tokenizer

CHUNK_ROWS = 4096


class Pool(Protocol):
    """Ids in one long array, read by slices: an array, or `data.token_store.TokenStore`."""

    def __getitem__(self, part: slice, /) -> NDArray[np.int32]: ...


@dataclass(frozen=True)
class Targets:
    """What a batch of B rows is to be. labels: [B, ..], what `Examples.targets` has; offsets: [B, outputs] and
    weights: [B], see `Examples`.

    probabilities: [B, K] of the classes, where some row of the source has no label; those of a label are 0 and 1.
    """

    labels: Tensor
    offsets: Tensor | None = None
    probabilities: Tensor | None = None
    weights: Tensor | None = None

    def __len__(self) -> int:
        return len(self.labels)

    def whole(self, outputs: Tensor) -> Tensor:
        """Return the logits of the whole model [B, outputs] from the network's."""
        return outputs if self.offsets is None else outputs + self.offsets


@dataclass(frozen=True)
class Beside:
    """What stands beside the texts of N rows. codes: [N, C], see `FeatureEncoder.codes`."""

    encoder: FeatureEncoder
    codes: NDArray[np.float64]


@dataclass(frozen=True)
class Examples:
    """Encoded rows with their targets.

    pool: [P] int32, provisional ids of a whole corpus; starts: [N], counts: [N]: where each row lies in the pool;
    table: int32 table from provisional ids to the tokenizer's; targets: [N, ..], in the form of the objective, such as
    the index [N] int64 of a class, -1 for a row without; lengths: [N] ids after truncation and filling; offsets:
    [N, outputs] float32, logits that are added to the network's in training; soft: [M, K] float32, probabilities of the
    classes for the last M rows, which have no label; weights: [N] float32, by which rows count, 1 on average of all
    training rows; None: all alike. beside: what stands beside the texts, if anything does.
    """

    pool: Pool
    starts: NDArray[np.int64]
    counts: NDArray[np.int64]
    table: NDArray[np.int32]
    tokenizer: Tokenizer
    targets: NDArray[Any]
    offsets: NDArray[np.float32] | None = None
    soft: NDArray[np.float32] | None = None
    weights: NDArray[np.float32] | None = None
    beside: Beside | None = None

    def __len__(self) -> int:
        return len(self.targets)

    def features(self, rows: NDArray[np.int64] | slice = slice(None)) -> NDArray[np.float32]:
        """Return the vectors beside the texts of some rows [n, F]; there must be some."""
        assert self.beside is not None  # for the type checker
        return self.beside.encoder.dense(self.beside.codes[rows])

    def features_held(self) -> NDArray[np.bool_]:
        """Return which places beside the texts any row has something in [F], without the vectors of all rows at once;
        there must be some."""
        assert self.beside is not None  # for the type checker
        held = np.zeros(self.beside.encoder.width, dtype=np.bool_)
        for start in range(0, len(self), AT_ONCE):
            held |= self.features(slice(start, start + AT_ONCE)).any(axis=0)
        return held

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
        found = [self.encoding(row) for row in range(len(self))]
        if self.beside is None:
            return found
        return [replace(one, features=x) for one, x in zip(found, self.features(), strict=True)]

    def word_counts(self) -> NDArray[np.int64]:
        """Return how often each word of the vocabulary occurs in the rows, as they are read: [V - 2]."""
        counts = np.zeros(self.tokenizer.size, dtype=np.int64)
        for first in range(0, len(self), CHUNK_ROWS):
            rows = range(first, min(first + CHUNK_ROWS, len(self)))
            counts += np.bincount(np.concatenate([self.encoding(row).ids for row in rows]), minlength=len(counts))
        return counts[FIRST_WORD:]

    def batches(self, size: int, rng: np.random.Generator) -> list[NDArray[np.int64]]:
        """Return the batches of one epoch: rows of similar length together, in random order."""
        return length_grouped(self.lengths, size, rng)

    def batch(self, rows: NDArray[np.int64], device: torch.device | str = "cpu") -> tuple[Batch, Targets]:
        """Return (batch of the rows, their targets)."""
        batch = Batch.of([self.encoding(int(row)).ids for row in rows], device)
        if self.beside is not None:
            batch = replace(batch, beside=torch.from_numpy(self.features(rows)).to(device))
        offsets = None if self.offsets is None else torch.from_numpy(self.offsets[rows]).to(device)
        soft = None if self.soft is None else torch.from_numpy(self._probabilities(rows)).to(device)
        weights = None if self.weights is None else torch.from_numpy(self.weights[rows]).to(device)
        return batch, Targets(torch.from_numpy(self.targets[rows]).to(device), offsets, soft, weights)

    def _probabilities(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the probabilities of the classes that are to be learnt of the given rows [B, K]."""
        assert self.soft is not None  # for the type checker
        wanted = np.zeros((len(rows), self.soft.shape[1]), dtype=np.float32)
        unlabelled = self.targets[rows] < 0
        wanted[unlabelled] = self.soft[rows[unlabelled] - (len(self) - len(self.soft))]
        labelled = np.flatnonzero(~unlabelled)
        wanted[labelled, self.targets[rows[labelled]]] = 1
        return wanted

    def select(self, rows: NDArray[np.int64] | NDArray[np.bool_]) -> Examples:
        """Return the given rows alone, over the same pool; each must have a label."""
        return replace(
            self,
            starts=self.starts[rows],
            counts=self.counts[rows],
            targets=self.targets[rows],
            offsets=None if self.offsets is None else self.offsets[rows],
            weights=None if self.weights is None else self.weights[rows],
            beside=None if self.beside is None else Beside(self.beside.encoder, self.beside.codes[rows]),
        )
