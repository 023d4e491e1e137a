"""Starting values for word vectors, counted from the training rows before training begins.

Words that keep the same company get similar vectors, so that the network has seen something of a word that the labels
alone teach slowly. Counting and factorising takes seconds where training takes minutes.

Source: Levy and Goldberg, 2014: Neural word embedding as implicit matrix factorization; the smoothed context
distribution and the symmetric square root of the singular values are from Levy, Goldberg and Dagan, 2015: Improving
distributional similarity with lessons learned from word embeddings.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.tokens import FIRST_WORD

WINDOW = 5
"""Words on each side that count as company, all alike."""
SMOOTHING = 0.75
MAX_TOKENS = 20_000_000
"""Counting stops after so many tokens: more change little, and the pairs would take more memory."""
CHUNK_TOKENS = 2_000_000
MIN_TOKENS = 50_000
"""With fewer tokens there is too little to count, and the vectors would be noise with structure."""


def vectors(
    sequences: Iterable[NDArray[np.int32]], words: int, width: int, *, scale: float, seed: int
) -> NDArray[np.float32] | None:
    """Return a vector for each id [words, width] with standard deviation `scale`, or None where there is too little.

    sequences: the ids of the training rows, one array a row. Ids below FIRST_WORD (the filler and the unknown word) are
    no company; their vectors are zero. Positive pointwise mutual information of words at most WINDOW apart, factorised
    to `width` by a randomised singular value decomposition.
    """
    counts, tokens = _pairs(sequences, words)
    if tokens < MIN_TOKENS or counts is None or min(counts.shape) <= width:
        return None
    from scipy import sparse
    from sklearn.utils.extmath import randomized_svd

    counts = (counts + counts.T).tocoo()
    often = np.asarray(counts.sum(axis=1)).ravel()
    total = often.sum()
    if total == 0:
        return None
    company = often**SMOOTHING
    company *= total / company.sum()
    information = np.log(counts.data * total / (often[counts.row] * company[counts.col]))
    positive = information > 0
    matrix = sparse.csr_matrix(
        (information[positive].astype(np.float32), (counts.row[positive], counts.col[positive])), shape=counts.shape
    )
    left, strengths, _ = randomized_svd(matrix, width, n_iter=2, random_state=seed)
    found: NDArray[np.float32] = (left * np.sqrt(strengths)).astype(np.float32)
    found[often == 0] = 0
    spread = float(found.std())
    return found * (scale / spread) if spread > 0 else None


def _pairs(sequences: Iterable[NDArray[np.int32]], words: int) -> tuple[Any, int]:
    """Return (sparse [words, words]: how often the second word comes 1 to WINDOW after the first, tokens read)."""
    counts: Any = None
    tokens = 0
    for ids in _chunks(sequences):
        tokens += int(np.count_nonzero(ids >= FIRST_WORD))
        for distance in range(1, WINDOW + 1):
            near = _counted(ids[:-distance], ids[distance:], words)
            counts = near if counts is None else counts + near
        if tokens >= MAX_TOKENS:
            break
    return counts, tokens


def _counted(first: NDArray[np.int32], second: NDArray[np.int32], words: int) -> Any:
    from scipy import sparse

    real = (first >= FIRST_WORD) & (second >= FIRST_WORD)
    ones = np.ones(int(real.sum()), dtype=np.float32)
    near = sparse.csr_matrix((ones, (first[real], second[real])), shape=(words, words))
    near.sum_duplicates()
    return near


def _chunks(sequences: Iterable[NDArray[np.int32]]) -> Iterable[NDArray[np.int32]]:
    """Join rows into pieces of about CHUNK_TOKENS, with fillers between so that no word has company in another row."""
    gap = np.zeros(WINDOW, dtype=np.int32)
    pieces: list[NDArray[np.int32]] = []
    size = 0
    for ids in sequences:
        pieces += [ids, gap]
        size += len(ids)
        if size >= CHUNK_TOKENS:
            yield np.concatenate(pieces)
            pieces, size = [], 0
    if pieces:
        yield np.concatenate(pieces)
