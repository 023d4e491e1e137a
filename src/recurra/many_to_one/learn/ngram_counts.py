"""Count n-grams in rows of ids, of words or of characters, exactly, with the rows that each is in.

An n-gram is known by the one without its last item and the one without its first: words make pairs, and overlapping
pairs make triples. So it is in enough rows only where both of its parts are, and one function counts every length. The
kernel does it with hash tables that fit in the cache; NumPy does the same by sorting where no kernel was built.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from ctypes import c_int64, c_void_p
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recurra.evaluation.metric import Integers
from recurra.kernel.library import library
from recurra.kernel.pairs import LEVELS, PairCounts, PairNumbers, RowFeatures, Sequences
from recurra.training.logistic_regression import SparseRows

NONE = -1
_PASS_POSITIONS = 1 << 20  # positions whose pairs are counted together: their table fits in the cache

Numbers = NDArray[np.int32]


@dataclass(frozen=True)
class TokenRows:
    """Rows of ids: row i is `ids[offsets[i] : offsets[i + 1]]`. ids: [P] int32; offsets: [N + 1] int64, from 0. beside:
    [N, X], what stands beside each, if anything does."""

    ids: Numbers
    offsets: Integers
    beside: NDArray[np.float32] | None = None

    def __len__(self) -> int:
        return len(self.offsets) - 1


class NgramCounter:
    """The n-grams of 1 to `longest` ids that at least `min_df` rows hold; of too many, those in most rows.

    Attributes, after `fit`:
        ends: [longest + 1]: n-grams of n ids are the features ends[n - 1] to ends[n] - 1.
    """

    def __init__(self, longest: int, min_df: int, *, most: int, threads: int = 1) -> None:
        """longest: 1 to `LEVELS`. most: features at most."""
        self.longest, self.min_df, self.most, self.threads = longest, max(1, min_df), most, threads
        self.ends = [0] * (longest + 1)
        self._word_numbers: Numbers = np.empty(0, dtype=np.int32)
        self._keys: list[NDArray[np.uint64]] = []
        self._features: list[Numbers] = []

    def fit(self, rows: TokenRows) -> list[Numbers]:
        """Fix the features. Returns what `numbers` does for these rows."""
        frequencies = [_rows_of_each(rows)]
        kept = np.flatnonzero(frequencies[0] >= self.min_df)
        self._word_numbers = np.full(len(frequencies[0]), NONE, dtype=np.int32)
        self._word_numbers[kept] = np.arange(len(kept), dtype=np.int32)
        frequencies[0] = frequencies[0][kept]
        levels = [self._words(rows)]
        for _ in range(1, self.longest):
            keys, found = _count_pairs(levels[-1], rows.offsets, self.min_df, self.threads)
            self._keys.append(keys)
            frequencies.append(found)
            levels.append(_number_pairs(levels[-1], rows.offsets, keys))
        least = self.min_df
        if sum(map(len, frequencies)) > self.most:
            joined = np.concatenate(frequencies)
            least = int(np.partition(joined, len(joined) - self.most - 1)[len(joined) - self.most - 1]) + 1
        self._features = []
        for n, found in enumerate(frequencies):
            chosen = found >= least
            features = np.where(chosen, np.cumsum(chosen) - 1, NONE).astype(np.int32)
            self._features.append(features)
            self.ends[n + 1] = self.ends[n] + int(chosen.sum())
        return self._as_features(levels)

    def numbers(self, rows: TokenRows) -> list[Numbers]:
        """Return, for each length, the feature of the n-gram at each position [P]; -1 where there is none."""
        levels = [self._words(rows)]
        for keys in self._keys:
            levels.append(_number_pairs(levels[-1], rows.offsets, keys))
        return self._as_features(levels)

    def matrix(
        self, levels: Sequence[Numbers], offsets: Integers, *, longest: int | None = None, counts: bool
    ) -> SparseRows:
        """Return the rows' features as a matrix of n-grams of at most `longest` ids, columns rising in each row.

        levels: as `numbers` returns them. counts: how often each occurs is its value; otherwise all values are 1.
        """
        n = longest or self.longest
        return _row_features(levels[:n], self.ends[:n], offsets, self.ends[n], counts=counts)

    def _words(self, rows: TokenRows) -> Numbers:
        if not len(self._word_numbers):
            return np.full(len(rows.ids), NONE, dtype=np.int32)
        known = (rows.ids >= 0) & (rows.ids < len(self._word_numbers))
        numbers = self._word_numbers[np.where(known, rows.ids, 0)]
        numbers[~known] = NONE
        return numbers

    def _as_features(self, levels: Sequence[Numbers]) -> list[Numbers]:
        found = []
        for level, features in zip(levels, self._features, strict=True):
            if len(features) and (features[-1] != len(features) - 1):  # some were left out
                found.append(np.where(level >= 0, features[level], NONE).astype(np.int32))
            else:
                found.append(level)
        return found


def _rows_of_each(rows: TokenRows) -> Integers:
    """Return in how many rows each id is [largest id + 1]; negative ids are none."""
    size = int(rows.ids.max(initial=-1)) + 1
    ids, row = rows.ids, np.repeat(np.arange(len(rows), dtype=np.int64), np.diff(rows.offsets))
    if library() is not None:
        matrix = _row_features([ids], [0], rows.offsets, size, counts=False)
        return np.bincount(matrix.indices, minlength=size)
    known = ids >= 0
    distinct = np.unique(row[known] * max(1, size) + ids[known])
    return np.bincount(distinct % max(1, size), minlength=size)


def _count_pairs(numbers: Numbers, offsets: Integers, least: int, threads: int) -> tuple[NDArray[np.uint64], Integers]:
    """Return the keys of the pairs of neighbours in at least `least` rows, rising, and the rows of each."""
    kernel = library()
    if kernel is None:
        key, row = _pair_keys(numbers, offsets)
        order = np.lexsort((row, key))
        key, row = key[order], row[order]
        first = np.ones(len(key), dtype=bool)
        first[1:] = (key[1:] != key[:-1]) | (row[1:] != row[:-1])
        keys, found = np.unique(key[first], return_counts=True)
        return keys[found >= least], found[found >= least].astype(np.int64)
    passes = 1
    while passes * _PASS_POSITIONS < len(numbers):
        passes *= 2

    def one_pass(number: int) -> tuple[NDArray[np.uint64], Numbers]:
        keys = np.empty(len(numbers), dtype=np.uint64)  # pages that are not written cost nothing
        found = np.empty(len(numbers), dtype=np.int32)
        sequences = Sequences(numbers.ctypes.data, offsets.ctypes.data, len(offsets) - 1)
        job = PairCounts(sequences, passes, number, least, keys.ctypes.data, found.ctypes.data)
        kernel.pair_counts(job)
        return keys[: job.found].copy(), found[: job.found].copy()

    with ThreadPoolExecutor(max(1, threads)) as pool:
        parts = list(pool.map(one_pass, range(passes)))
    keys = np.concatenate([part[0] for part in parts])
    order = np.argsort(keys)
    return keys[order], np.concatenate([part[1] for part in parts])[order].astype(np.int64)


def _number_pairs(numbers: Numbers, offsets: Integers, keys: NDArray[np.uint64]) -> Numbers:
    """Return the place among `keys` of the pair that begins at each position [P]; -1 where it is none of them."""
    out = np.full(len(numbers), NONE, dtype=np.int32)
    kernel = library()
    if kernel is not None:
        sequences = Sequences(numbers.ctypes.data, offsets.ctypes.data, len(offsets) - 1)
        kernel.pair_numbers(PairNumbers(sequences, keys.ctypes.data, len(keys), out.ctypes.data))
    elif len(keys):
        key, _ = _pair_keys(numbers, offsets)
        place = np.minimum(np.searchsorted(keys, key), len(keys) - 1)
        out[_pair_positions(numbers, offsets)] = np.where(keys[place] == key, place, NONE)
    return out


def _pair_positions(numbers: Numbers, offsets: Integers) -> Integers:
    """Return the positions at which a pair begins: two numbers in one row."""
    begins = numbers[:-1] >= 0
    begins &= numbers[1:] >= 0
    ends = offsets[1:-1] - 1
    begins[ends[(ends >= 0) & (ends < len(begins))]] = False
    return np.flatnonzero(begins)


def _pair_keys(numbers: Numbers, offsets: Integers) -> tuple[NDArray[np.uint64], Integers]:
    """Return the key of each pair, a << 32 | b, and its row."""
    positions = _pair_positions(numbers, offsets)
    key = numbers[positions].astype(np.uint64) << np.uint64(32) | numbers[positions + 1].astype(np.uint64)
    return key, np.searchsorted(offsets, positions, side="right").astype(np.int64) - 1


def _row_features(
    levels: Sequence[Numbers], begins: Sequence[int], offsets: Integers, features: int, *, counts: bool
) -> SparseRows:
    kernel = library()
    if kernel is None:
        return _row_features_by_numpy(levels, begins, offsets, features, counts=counts)
    room = len(levels) * int(offsets[-1])
    pointer, index = np.empty(len(offsets), dtype=np.int64), np.empty(room, dtype=np.int32)
    count = np.empty(room, dtype=np.float32) if counts else None
    kernel.row_features(
        RowFeatures(
            offset=offsets.ctypes.data,
            rows=len(offsets) - 1,
            levels=len(levels),
            x=(c_void_p * LEVELS)(*(level.ctypes.data for level in levels)),
            base=(c_int64 * LEVELS)(*begins),
            features=features,
            pointer=pointer.ctypes.data,
            index=index.ctypes.data,
            count=None if count is None else count.ctypes.data,
        )
    )
    index.resize(int(pointer[-1]), refcheck=False)
    if count is not None:
        count.resize(int(pointer[-1]), refcheck=False)
    return SparseRows(pointer, index, features, count)


def _row_features_by_numpy(
    levels: Sequence[Numbers], begins: Sequence[int], offsets: Integers, features: int, *, counts: bool
) -> SparseRows:
    row = np.repeat(np.arange(len(offsets) - 1, dtype=np.int64), np.diff(offsets))
    width = max(1, features)
    keys = np.concatenate(
        [row[level >= 0] * width + level[level >= 0] + begin for level, begin in zip(levels, begins, strict=True)]
    )
    distinct, count = np.unique(keys, return_counts=True)
    pointer = np.zeros(len(offsets), dtype=np.int64)
    np.cumsum(np.bincount(distinct // width, minlength=len(offsets) - 1), out=pointer[1:])
    values = count.astype(np.float32) if counts else None
    return SparseRows(pointer, (distinct % width).astype(np.int32), features, values)
