"""The pieces of texts that a pretraining step reads, and the words of the pieces beside each."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from recurra.nn.batch import Batch, length_grouped
from recurra.pretraining.texts import Numbered, PretrainingTexts
from recurra.text.tokenizer import FIRST_WORD

FEWEST_TOKENS = 4
"""A shorter text is not divided, and so is not learnt from."""


class Neighbours(NamedTuple):
    """pieces: ids [B, T] with their lengths; beside: [B, K] int64, the distinct known words of the pieces before and
    after each in its text, filled up with 0."""

    pieces: Batch
    beside: Tensor


@dataclass(frozen=True)
class Pieces:
    """Runs of ids in a store: each text is cut into equal pieces, two at least.

    starts, sizes: [N] int64, where each piece lies in the pool of `texts`; first, last: [N] bool, of its text.
    """

    texts: PretrainingTexts
    numbered: Numbered
    starts: NDArray[np.int64]
    sizes: NDArray[np.int64]
    first: NDArray[np.bool_]
    last: NDArray[np.bool_]

    @classmethod
    def of(cls, texts: PretrainingTexts, numbered: Numbered, chosen: NDArray[np.int64], window: int) -> Pieces:
        """Return the pieces of the `chosen` texts, of about `window` tokens each."""
        store = texts.texts
        starts, sizes, first, last = [], [], [], []
        for start, size in zip(store.starts[chosen].tolist(), store.sizes[chosen].tolist(), strict=True):
            if size < FEWEST_TOKENS:
                continue
            count = max(2, round(size / window))
            ends = np.linspace(0, size, count + 1).astype(np.int64)
            starts.append(start + ends[:-1])
            sizes.append(np.diff(ends))
            place = np.arange(count)
            first.append(place == 0)
            last.append(place == count - 1)
        if not starts:
            nothing, none = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.bool_)
            return cls(texts, numbered, nothing, nothing, none, none)
        return cls(texts, numbered, *map(np.concatenate, (starts, sizes, first, last)))

    def __len__(self) -> int:
        return len(self.starts)

    def ids(self, piece: int) -> NDArray[np.int32]:
        """Return the ids of one piece [T]."""
        start = self.starts[piece]
        return self.numbered.table[self.texts.texts.pool[start : start + self.sizes[piece]]]

    def beside(self, piece: int) -> NDArray[np.int32]:
        """Return the distinct known words of the pieces before and after one, in rising order [K]."""
        sides = ((piece - 1, self.first), (piece + 1, self.last))
        words = np.unique(np.concatenate([self.ids(other) for other, at_end in sides if not at_end[piece]]))
        return words[words >= FIRST_WORD]

    def batches(self, size: int, rng: np.random.Generator) -> list[NDArray[np.int64]]:
        """Return the batches of one epoch: pieces of similar length together, in random order."""
        return length_grouped(self.sizes, size, rng)

    def batch(self, rows: NDArray[np.int64], device: torch.device | str = "cpu") -> tuple[Neighbours, Any]:
        """Return (the pieces with what is beside them, None)."""
        words = [self.beside(int(row)) for row in rows]
        beside = np.zeros((len(rows), max(1, *map(len, words))), dtype=np.int64)
        for line, its in zip(beside, words, strict=True):
            line[: len(its)] = its
        pieces = Batch.of([self.ids(int(row)) for row in rows], device)
        return Neighbours(pieces, torch.from_numpy(beside).to(device)), None

    @cached_property
    def counts(self) -> NDArray[np.int64]:
        """In how many pieces each id occurs [V]."""
        counts = np.zeros(self.numbered.tokenizer.size, dtype=np.int64)
        for piece in range(len(self)):
            counts[np.unique(self.ids(piece))] += 1
        return counts
