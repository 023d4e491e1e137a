"""N-grams of token ids as numbers: the features of a linear model, the same in the kernel, NumPy and an ONNX graph.

Of a row of ids, a single id is its own feature. A pair of neighbours (a, b) and a triple (a, b, c) are hashed into P
buckets that follow the V ids:

    pair    V + (a * PAIR[0] + b * PAIR[1]) mod P
    triple  V + (a * TRIPLE[0] + b * TRIPLE[1] + c * TRIPLE[2]) mod P

The ids 0 (filler) and 1 (unknown) are no words: they have no feature, and no pair or triple holds them. Ids are below
2^20 and multipliers below 2^38, so that every sum fits in 64 bits. A feature is present in a row or absent; how often
it occurs does not count.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recurra.kernel.library import Library, library
from recurra.kernel.ngrams import DistinctNgrams, Ngrams, NgramSums
from recurra.text.ngram_limits import LONGEST, MAX_WORDS
from recurra.text.tokenizer import FIRST_WORD

PAIR = (196_613_786_527, 88_172_645_463)
TRIPLE = (161_690_317_997, 247_935_821_339, 69_069_314_741)
"""Odd numbers below 2^38."""
_MULTIPLIERS = np.array([*PAIR, *TRIPLE], dtype=np.int64)
_CHUNK_TOKENS = 1 << 18  # that NumPy turns into features at one time


@dataclass(frozen=True)
class HashedNgrams:
    """How the n-grams of ids are numbered.

    words: V, the number of ids. order: the longest n-gram, 1 to `LONGEST`. buckets: P, a prime for an even spread; 0
    where order is 1. Raises ValueError where one is out of range.
    """

    words: int
    order: int
    buckets: int

    def __post_init__(self) -> None:
        if not 0 <= self.words <= MAX_WORDS:
            raise ValueError(f"there must be 0 to {MAX_WORDS:,} ids, not {self.words:,}")
        if not 1 <= self.order <= LONGEST:
            raise ValueError(f"an n-gram has 1 to {LONGEST} words, not {self.order}")
        if not (self.order > 1) <= self.buckets < 2**30:
            raise ValueError(f"n-grams of up to {self.order} words cannot be hashed into {self.buckets:,} buckets")

    @property
    def features(self) -> int:
        """The number of features, V + P."""
        return self.words + self.buckets

    def occurrences(self, ids: NDArray[np.int32]) -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.int64]]:
        """Return each n-gram of one row `ids` [T]: its feature, where it begins, its number of words; [M] each."""
        found, begins, sizes = [], [], []
        wide = ids.astype(np.int64)
        known = wide >= FIRST_WORD
        for size in range(1, self.order + 1):
            if len(ids) < size:
                break
            columns = [wide[k : len(ids) - size + 1 + k] for k in range(size)]
            begin = np.flatnonzero(np.logical_and.reduce([known[k : len(ids) - size + 1 + k] for k in range(size)]))
            found.append(self._number(*(column[begin] for column in columns)))
            begins.append(begin)
            sizes.append(np.full(len(begin), size, dtype=np.int64))
        if not found:
            return np.empty(0, np.int32), np.empty(0, np.int64), np.empty(0, np.int64)
        return np.concatenate(found).astype(np.int32), np.concatenate(begins), np.concatenate(sizes)

    def distinct(
        self, ids: NDArray[np.int32], starts: NDArray[np.int64], lengths: NDArray[np.int64], threads: int = 1
    ) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """Return the distinct features of each row in rising order, as the indptr [N + 1] and indices of a CSR matrix.

        ids: flat; row i is `ids[starts[i] : starts[i] + lengths[i]]`. Raises ValueError where an id is not in 0..V-1.
        """
        ids, starts, lengths = _checked(ids, starts, lengths)
        kernel = library()
        if kernel is None:
            return self._distinct_by_numpy(ids, starts, lengths)
        if threads <= 1 or len(starts) < 2 * threads:
            return self._distinct_by_kernel(kernel, ids, starts, lengths)
        share = np.cumsum(lengths)
        cuts = np.searchsorted(share, share[-1] * np.arange(1, threads) / threads)
        with ThreadPoolExecutor(threads) as pool:
            parts = list(
                pool.map(
                    lambda part: self._distinct_by_kernel(kernel, ids, *part),
                    zip(np.split(starts, cuts), np.split(lengths, cuts), strict=True),
                )
            )
        begin = np.cumsum([0, *(len(indices) for _, indices in parts[:-1])])
        pointer = [indptr[1:] + first for (indptr, _), first in zip(parts, begin, strict=True)]
        return np.concatenate([[0], *pointer]), np.concatenate([indices for _, indices in parts])

    def sums(
        self,
        ids: NDArray[np.int32],
        starts: NDArray[np.int64],
        lengths: NDArray[np.int64],
        weights: NDArray[np.float32],
    ) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
        """Return the sum of the weights [F, K] of each row's distinct features [N, K], and their number [N].

        ids, starts, lengths: as for `distinct`. Sums are taken in double precision. Raises ValueError as `distinct`
        does, and where `weights` has not one row for each feature.
        """
        ids, starts, lengths = _checked(ids, starts, lengths)
        weights = np.ascontiguousarray(weights, dtype=np.float32)
        if weights.ndim != 2 or len(weights) != self.features:
            raise ValueError(f"the weights must be of {self.features:,} features, not of shape {weights.shape}")
        kernel = library()
        if kernel is None:
            pointer, index = self._distinct_by_numpy(ids, starts, lengths)
            counts = np.diff(pointer)
            sums = np.zeros((len(starts), weights.shape[1]))
            np.add.at(sums, np.repeat(np.arange(len(starts)), counts), weights[index].astype(np.float64))
            return sums.astype(np.float32), counts.astype(np.int32)
        total = np.empty((len(starts), weights.shape[1]), dtype=np.float32)
        number = np.empty(len(starts), dtype=np.int32)
        rows = self._rows(ids, starts, lengths)
        kernel.ngram_sums(NgramSums(rows, weights.ctypes.data, weights.shape[1], total.ctypes.data, number.ctypes.data))
        return total, number

    def _number(self, *words: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the features of n-grams, their first words, second words, and so on; int64 each."""
        if len(words) == 1:
            return words[0]
        multipliers = PAIR if len(words) == 2 else TRIPLE
        total = sum(word * multiplier for word, multiplier in zip(words, multipliers, strict=True))
        return np.asarray(self.words + total % self.buckets, dtype=np.int64)

    def _rows(self, ids: NDArray[np.int32], starts: NDArray[np.int64], lengths: NDArray[np.int64]) -> Ngrams:
        return Ngrams(
            ids.ctypes.data,
            starts.ctypes.data,
            lengths.ctypes.data,
            len(starts),
            self.words,
            self.order,
            self.buckets,
            _MULTIPLIERS.ctypes.data,
        )

    def _distinct_by_kernel(
        self, kernel: Library, ids: NDArray[np.int32], starts: NDArray[np.int64], lengths: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        pointer = np.empty(len(starts) + 1, dtype=np.int64)
        index = np.empty(self.order * int(lengths.sum()), dtype=np.int32)  # pages that are not written cost nothing
        kernel.distinct_ngrams(DistinctNgrams(self._rows(ids, starts, lengths), pointer.ctypes.data, index.ctypes.data))
        index.resize(int(pointer[-1]), refcheck=False)
        return pointer, index

    def _distinct_by_numpy(
        self, ids: NDArray[np.int32], starts: NDArray[np.int64], lengths: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        pieces, counts = [np.empty(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
        share = np.cumsum(lengths)
        cuts = np.searchsorted(share, np.arange(_CHUNK_TOKENS, share[-1] if len(share) else 0, _CHUNK_TOKENS))
        for first, last in zip([0, *cuts], [*cuts, len(starts)], strict=True):
            size = lengths[first:last]
            row = np.repeat(np.arange(last - first), size)
            within = np.arange(len(row)) - np.repeat(np.cumsum(size) - size, size)
            chunk = ids[starts[first:last][row] + within]
            if len(chunk) and not 0 <= chunk.min() <= chunk.max() < self.words:
                raise ValueError("an id, a row or a size is out of range")
            feature, begin, length = self.occurrences(chunk)
            inside = within[begin] + length <= size[row[begin]]
            keys = np.unique(row[begin][inside] * self.features + feature[inside])
            pieces.append(keys % max(1, self.features))
            counts.append(np.bincount(keys // max(1, self.features), minlength=last - first))
        pointer = np.concatenate([[0], np.cumsum(np.concatenate(counts))]).astype(np.int64)
        return pointer, np.concatenate(pieces).astype(np.int32)


def _checked(
    ids: NDArray[np.int32], starts: NDArray[np.int64], lengths: NDArray[np.int64]
) -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.int64]]:
    """Return the arrays in the layout that the kernel reads. Raises ValueError where a row is outside of `ids`."""
    flat = np.ascontiguousarray(ids, dtype=np.int32).reshape(-1)
    begin = np.ascontiguousarray(starts, dtype=np.int64)
    size = np.ascontiguousarray(lengths, dtype=np.int64)
    if begin.shape != size.shape or begin.ndim != 1:
        raise ValueError("there must be one length for each start of a row")
    if len(begin) and (begin.min() < 0 or size.min() < 0 or (begin + size).max() > len(flat)):
        raise ValueError("a row lies outside of the ids")
    return flat, begin, size
