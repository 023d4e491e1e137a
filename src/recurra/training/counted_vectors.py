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

from recurra.text.tokenizer import FIRST_WORD

WINDOW = 5
"""Words on each side that count as company, all alike."""
SMOOTHING = 0.75
MAX_TOKENS = 20_000_000
"""The most tokens that are counted: more change little, and the pairs would take more memory."""
CHUNK_TOKENS = 500_000
BLOCK_PAIRS = 500_000
"""Pairs whose information is computed at one time, about."""
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
    if tokens < MIN_TOKENS or counts is None or counts.nnz == 0 or min(counts.shape) <= width:
        return None
    from sklearn.utils.extmath import randomized_svd

    met = _become_information(counts)
    left, strengths, _ = randomized_svd(counts, width, n_iter=2, random_state=seed)
    factors: NDArray[np.float32] = (left * np.sqrt(strengths)).astype(np.float32)
    factors[~met] = 0
    spread = float(factors.std())
    return factors * (scale / spread) if spread > 0 else None


def _become_information(counts: Any) -> NDArray[np.bool_]:
    """Put positive pointwise mutual information in the place of symmetric `counts`, some rows at a time.

    Returns which words were met [words]. In place, as there are millions of pairs and this is the most memory that a
    run needs before training.
    """
    often = np.asarray(counts.sum(axis=1, dtype=np.float64)).ravel()
    total = often.sum()
    company = often**SMOOTHING
    company *= total / company.sum()
    with np.errstate(divide="ignore"):  # the logarithm of a word that was never met is looked up for no pair
        by_word, by_company = np.log(often) - np.log(total), np.log(company)
    row, kept, began = 0, 0, 0
    while row < len(often):
        following = counts.indptr[row + 1 :]
        rows = max(1, int(np.searchsorted(following, began + BLOCK_PAIRS, side="right")))
        block, ends = slice(row, row + rows), following[:rows]
        entries, times = slice(began, int(ends[-1])), np.diff(ends, prepend=began)
        columns, values = counts.indices[entries], counts.data[entries]
        information = np.log(values) - np.repeat(by_word[block], times) - by_company[columns]
        positive = information > 0
        running = np.concatenate([[0], np.cumsum(positive)])
        size = int(running[-1])
        counts.indices[kept : kept + size] = columns[positive]
        counts.data[kept : kept + size] = information[positive]
        began, ends[:] = entries.stop, kept + running[ends - began]
        kept += size
        row += rows
    counts.prune()
    return often > 0


def _pairs(sequences: Iterable[NDArray[np.int32]], words: int) -> tuple[Any, int]:
    """Return (symmetric sparse [words, words]: how often two words are at most WINDOW apart, tokens read)."""
    counts: Any = None
    tokens = 0
    for ids in _chunks(sequences):
        tokens += int(np.count_nonzero(ids >= FIRST_WORD))
        near = _counted(ids, words)
        counts = near if counts is None else counts + near
        if tokens >= MAX_TOKENS:
            break
    return None if counts is None else counts + counts.T.tocsr(), tokens


def _counted(ids: NDArray[np.int32], words: int) -> Any:
    """Return sparse [words, words]: how often the second word comes 1 to WINDOW after the first."""
    from scipy import sparse

    pairs: list[tuple[NDArray[np.int32], NDArray[np.int32]]] = []
    for distance in range(1, WINDOW + 1):
        first, second = ids[:-distance], ids[distance:]
        real = (first >= FIRST_WORD) & (second >= FIRST_WORD)
        pairs.append((first[real], second[real]))
    first, second = (np.concatenate(side) for side in zip(*pairs, strict=True))
    near = sparse.csr_matrix((np.ones(len(first), dtype=np.float32), (first, second)), shape=(words, words))
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
