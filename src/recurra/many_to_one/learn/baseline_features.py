"""What the baseline can be made of: words and runs of words or characters, weighted by TF-IDF or by naive Bayes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from recurra.evaluation.metric import Floats, Integers
from recurra.many_to_one.learn.baseline_rows import code_points
from recurra.many_to_one.learn.ngram_counts import NgramCounter, Numbers, TokenRows
from recurra.training.logistic_regression import SparseRows, naive_bayes_ratio

Scale = NDArray[np.float32]


class Features(Protocol):
    """A weighting of n-grams.

    name: for a reader. penalties: the values of C that are tried, rising.
    """

    @property
    def name(self) -> str: ...

    @property
    def penalties(self) -> tuple[float, ...]: ...

    def learn(self) -> SparseRows:
        """Return the rows to learn from."""
        ...

    def apply(self, rows: TokenRows) -> SparseRows:
        """Return other rows."""
        ...

    def scale(self, data: SparseRows, targets: Integers, classes: int, rows: Integers) -> Scale | None:
        """Return the factors of the columns, learnt from the chosen rows of `data`; None where there are none."""
        ...


@dataclass
class Counted:
    """The n-grams of the rows to learn from, counted once for every weighting."""

    counter: NgramCounter
    rows: TokenRows
    numbers: list[Numbers]

    @classmethod
    def of(cls, rows: TokenRows, longest: int, *, min_df: int, most: int, threads: int) -> Counted:
        counter = NgramCounter(longest, min_df, most=most, threads=threads)
        return cls(counter, rows, counter.fit(rows))


@dataclass
class TfIdf:
    """TF-IDF of the n-grams of up to `longest` ids: (1 + log count) x log((1 + N) / (1 + rows with it)) + 1, rows of
    length 1, as scikit-learn's with `sublinear_tf`."""

    name: str
    counted: Counted
    longest: int
    penalties: tuple[float, ...]
    _idf: Floats = field(default_factory=lambda: np.empty(0))

    def learn(self) -> SparseRows:
        counts = self.counted.counter.matrix(
            self.counted.numbers, self.counted.rows.offsets, longest=self.longest, counts=True
        )
        self._idf = inverse_frequencies(counts)
        return tf_idf(counts, self._idf)

    def apply(self, rows: TokenRows) -> SparseRows:
        counter = self.counted.counter
        counts = counter.matrix(counter.numbers(rows), rows.offsets, longest=self.longest, counts=True)
        return tf_idf(counts, self._idf)

    def scale(self, data: SparseRows, targets: Integers, classes: int, rows: Integers) -> None:
        return None


@dataclass
class NaiveBayes:
    """Presence of n-grams, times their log-count ratio: Wang and Manning (2012), with logistic regression."""

    name: str
    counted: Counted
    penalties: tuple[float, ...]

    def learn(self) -> SparseRows:
        return self.counted.counter.matrix(self.counted.numbers, self.counted.rows.offsets, counts=False)

    def apply(self, rows: TokenRows) -> SparseRows:
        counter = self.counted.counter
        return counter.matrix(counter.numbers(rows), rows.offsets, counts=False)

    def scale(self, data: SparseRows, targets: Integers, classes: int, rows: Integers) -> Scale:
        return naive_bayes_ratio(data.class_counts(targets, classes, rows))


@dataclass
class WordsAndCharacters:
    """TF-IDF of words, and beside it that of the runs of 2 to `LONGEST` characters inside of words."""

    LONGEST = 5

    name: str
    words: TfIdf
    spellings: list[str]
    min_df: int
    most: int
    penalties: tuple[float, ...]
    _types: NgramCounter | None = None
    _kept: Integers = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    _idf: Floats = field(default_factory=lambda: np.empty(0))

    def learn(self) -> SparseRows:
        rows = self.words.counted.rows
        own, place = np.unique(rows.ids, return_inverse=True)
        spelled = self._spelled(own)
        self._types = NgramCounter(self.LONGEST, 1, most=np.iinfo(np.int32).max)
        levels = self._types.fit(spelled)
        counts = _of_words(rows.offsets, place, self._types.matrix(levels, spelled.offsets, counts=True))
        frequency = np.bincount(counts.indices, minlength=counts.shape[1])
        frequency[: self._types.ends[1]] = 0  # single characters
        least = max(self.min_df, 1)
        if (frequency >= least).sum() > self.most:
            least = int(np.partition(frequency, -self.most - 1)[-self.most - 1]) + 1
        self._kept = np.flatnonzero(frequency >= least)
        return self._joined(self.words.learn(), counts, first=True)

    def apply(self, rows: TokenRows) -> SparseRows:
        assert self._types is not None
        own, place = np.unique(rows.ids, return_inverse=True)
        spelled = self._spelled(own)
        types = self._types.matrix(self._types.numbers(spelled), spelled.offsets, counts=True)
        return self._joined(self.words.apply(rows), _of_words(rows.offsets, place, types), first=False)

    def scale(self, data: SparseRows, targets: Integers, classes: int, rows: Integers) -> None:
        return None

    def _spelled(self, ids: Numbers) -> TokenRows:
        return code_points([f" {self.spellings[i]} " for i in ids])

    def _joined(self, words: SparseRows, counts: Any, *, first: bool) -> SparseRows:
        from scipy import sparse

        kept = counts[:, self._kept].tocsr()
        kept.sort_indices()
        characters = _from_scipy(kept)
        if first:
            self._idf = inverse_frequencies(characters)
        characters = tf_idf(characters, self._idf)
        return _from_scipy(sparse.hstack([_to_scipy(words), _to_scipy(characters)], format="csr"))


def inverse_frequencies(counts: SparseRows) -> Floats:
    """Return log((1 + N) / (1 + rows with it)) + 1 of each column [F]."""
    rows_with = np.bincount(counts.indices, minlength=counts.features)
    return np.asarray(np.log((1 + len(counts)) / (1 + rows_with)) + 1)


def tf_idf(counts: SparseRows, idf: Floats) -> SparseRows:
    """Return counts as TF-IDF, each row of length 1. The values of `counts` are overwritten."""
    assert counts.values is not None
    values = counts.values
    np.log(values, out=values)
    values += 1
    values *= idf.astype(np.float32)[counts.indices]
    squares = np.zeros(len(counts.indices) + 1)
    np.cumsum(values * values, dtype=np.float64, out=squares[1:])
    lengths = np.sqrt(squares[counts.indptr[1:]] - squares[counts.indptr[:-1]])
    values /= np.repeat(np.maximum(lengths, 1e-12), np.diff(counts.indptr)).astype(np.float32)
    return counts


def _of_words(offsets: Integers, place: Integers, types: SparseRows) -> Any:
    """Return the counts [N, F] of rows of words. place: of each word among the types; types: counts of each [.., F]."""
    from scipy import sparse

    ones = np.ones(len(place), dtype=np.float32)
    return sparse.csr_matrix((ones, place, offsets), shape=(len(offsets) - 1, len(types))) @ _to_scipy(types)


def _to_scipy(rows: SparseRows) -> Any:
    from scipy import sparse

    return sparse.csr_matrix((rows.values, rows.indices, rows.indptr), shape=(len(rows), rows.features))


def _from_scipy(matrix: Any) -> SparseRows:
    return SparseRows(
        matrix.indptr.astype(np.int64), matrix.indices.astype(np.int32), matrix.shape[1], matrix.data.astype(np.float32)
    )
