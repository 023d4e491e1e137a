"""Soft labels: unlabelled texts with a teacher's probabilities of their classes, to learn from beside labelled rows.

Hinton, Vinyals and Dean, 2015: Distilling the knowledge in a neural network.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from recurra.data.token_store import TokenStore
from recurra.many_to_one.learn.examples import Examples
from recurra.many_to_one.unlabelled import UnlabelledTexts


@dataclass(frozen=True)
class SoftLabels:
    """probabilities: [M, K] float32 of the classes of each of the M texts."""

    texts: UnlabelledTexts
    probabilities: NDArray[np.float32]

    def examples(self, like: Examples) -> Examples:
        """Return the texts as rows without a target, read by the tokenizer of `like`."""
        texts = self.texts
        nothing = np.full(len(texts), -1, dtype=np.int64)
        return Examples(texts.pool, texts.starts, texts.sizes, like.table, like.tokenizer, nothing)


def joined(labelled: Examples, pool: TokenStore, soft: SoftLabels) -> Examples:
    """Return the labelled rows, whose ids lie in `pool`, and after them the unlabelled ones."""
    beside = soft.examples(labelled)
    return replace(
        labelled,
        pool=JoinedPool(pool, soft.texts.pool),
        starts=np.concatenate([labelled.starts, len(pool) + beside.starts]),
        counts=np.concatenate([labelled.counts, beside.counts]),
        targets=np.concatenate([labelled.targets, beside.targets]),
        soft=soft.probabilities,
        weights=None
        if labelled.weights is None
        else np.concatenate([labelled.weights, np.ones(len(beside), dtype=np.float32)]),
    )


class JoinedPool:
    """Two stores of ids as one: those of the second come after the first. Each slice lies in one of them."""

    def __init__(self, first: TokenStore, second: TokenStore) -> None:
        self._first, self._second, self._size = first, second, len(first)

    def __getitem__(self, part: slice, /) -> NDArray[np.int32]:
        if part.start < self._size:
            return self._first[part]
        return self._second[part.start - self._size : part.stop - self._size]
