"""The linear model of n-grams beside a network: its share of a text's logits, and that of each n-gram in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.many_to_one.shape import SPELLING_SCALE, ManyToOneShape
from recurra.text.ngrams import HashedNgrams
from recurra.text.rounded import restored
from recurra.text.tokenizer import UNKNOWN, Encoding

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class NgramShare:
    """What an n-gram adds to the logits. tokens: how many; begins: the places [M] in the ids where it occurs; weights:
    [outputs] float32, added once however often it occurs."""

    tokens: int
    begins: tuple[int, ...]
    weights: Floats


@dataclass(frozen=True)
class NgramModel:
    """weights: [F, O], of the features of `hashing`. spellings: [S, O], of the character n-grams of unknown words; None
    where unknown words are one. subwords: S, or 0."""

    hashing: HashedNgrams
    weights: Floats
    spellings: Floats | None = None
    subwords: int = 0

    @classmethod
    def of(cls, network: ManyToOneShape, weights: Mapping[str, NDArray[Any]]) -> NgramModel | None:
        """Return the model of a network's weights, or None where it has none."""
        if network.hashing is None:
            return None
        spellings = None
        if network.subwords:
            spellings = restored(weights["subwords.codes"], weights["subwords.scale"])
        table = restored(weights["ngrams.codes"], weights["ngrams.scale"])
        return cls(network.hashing, table, spellings, network.subwords)

    def logits(self, ids: NDArray[np.int64], lengths: NDArray[np.int64], novel: Sequence[NDArray[np.int32]]) -> Floats:
        """Return the sums [B, O] of a batch. ids: [B, T]; V + i stands for the word that is spelt `novel[i]`."""
        vocabulary, width = self.hashing.words, ids.shape[1]
        flat = ids.astype(np.int32)
        unknown = flat >= vocabulary
        if novel:
            flat[unknown] = UNKNOWN
        total, _ = self.hashing.sums(flat.ravel(), np.arange(len(ids), dtype=np.int64) * width, lengths, self.weights)
        if novel and self.spellings is not None:
            spelt = self.of_spellings(novel)
            within = unknown & (np.arange(width) < lengths[:, None])
            pairs = np.unique(np.stack([np.nonzero(within)[0], ids[within] - vocabulary]), axis=1)
            np.add.at(total, pairs[0], spelt[pairs[1]])
        return total

    def of_spellings(self, novel: Sequence[NDArray[np.int32]]) -> Floats:
        """Return the weights [N, O] of words from their character n-grams."""
        assert self.spellings is not None  # for the type checker: the caller has an open vocabulary
        if not novel:
            return np.zeros((0, self.weights.shape[1]), dtype=np.float32)
        sums = [self.spellings[grams].sum(axis=0) * (SPELLING_SCALE / np.sqrt(len(grams))) for grams in novel]
        return np.stack(sums).astype(np.float32)

    def shares(self, encoding: Encoding) -> list[NgramShare]:
        """Return what each distinct n-gram of a text adds, in the order of its features; together, `logits`."""
        ids = encoding.ids.astype(np.int64)
        novel = ids >= self.hashing.words
        feature, begin, size = self.hashing.occurrences(np.where(novel, UNKNOWN, ids).astype(np.int32))
        found: dict[int, list[tuple[int, int]]] = {}
        for one, first, tokens in zip(feature.tolist(), begin.tolist(), size.tolist(), strict=True):
            found.setdefault(one, []).append((first, tokens))
        shares = [
            NgramShare(places[0][1], tuple(first for first, _ in places), self.weights[one])
            for one, places in sorted(found.items())
        ]
        if self.spellings is not None:
            for number, weights in enumerate(self.of_spellings(encoding.novel), self.hashing.words):
                shares.append(NgramShare(1, tuple(np.flatnonzero(ids == number).tolist()), weights))
        return shares
