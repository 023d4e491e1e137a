"""Count words and pairs of neighbouring words: scikit-learn's (1,2)-gram counts, several times faster.

scikit-learn builds a Python string for every pair of words. Here a word becomes a number once, a word or a pair and
its row become one integer, and one sort of those integers yields every count and every document frequency. Words are
those of scikit-learn: lower case, two or more word characters. Instead of words, runs of one to four characters can be
counted, for texts whose words are not between spaces.
"""

from __future__ import annotations

import re
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import count, repeat
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.evaluation.metric import Integers

_WORDS = re.compile(r"(?u)\b\w\w+\b").findall
LONGEST_RUN = 4
"""Characters of the longest run that is counted."""
_UNSEEN = 0  # the number of a word that is not known
_WORD_BITS, _ROW_BITS = 21, 17  # an integer is first word | second word | row: 59 bits

MAX_WORDS = (1 << _WORD_BITS) - 1
"""Distinct words that have a number; any later one is treated as unseen."""
MAX_ROWS = 1 << _ROW_BITS
"""Rows that can be counted together."""


def words(text: str) -> list[str]:
    """Return the words of a text, in lower case: two or more word characters each, as scikit-learn takes them."""
    return _WORDS(text.lower())


def runs(text: str) -> list[str]:
    """Return every run of one to `LONGEST_RUN` characters of a text in lower case, its white space made single."""
    plain = " ".join(text.lower().split())
    return [plain[i : i + n] for n in range(1, LONGEST_RUN + 1) for i in range(len(plain) - n + 1)]


class NgramCounter:
    """Turn texts into counts [rows, features] of the words and pairs of words found in enough training rows.

    Feed `learn_words` every training text, `fit` the results, and `transform` new texts. A feature is a word or a
    pair that at least `min_df` training rows hold; of more than `max_features` those found in most rows are kept.

    split: from a text to what is counted. pairs: whether neighbours are counted as pairs too.

    Attributes:
        features: number of features; 0 before `fit`.
    """

    def __init__(
        self,
        min_df: int = 2,
        max_features: int | None = None,
        *,
        split: Callable[[str], list[str]] = words,
        pairs: bool = True,
    ) -> None:
        self._split, self._pairs = split, pairs
        self.min_df = min_df
        self.max_features = max_features
        self.features = 0
        self._words: defaultdict[str, int] = defaultdict(count(1).__next__)
        self._codes: Integers = np.empty(0, dtype=np.int64)

    def learn_words(self, text: str) -> array[int]:
        """Return the text as word numbers, giving each new word the next free number."""
        found = self._split(text)
        if len(self._words) + len(found) > MAX_WORDS:
            return self._numbers(found)
        return array("i", map(self._words.__getitem__, found))

    def fit(self, documents: Sequence[array[int]]) -> Any:
        """Return the counts, a float32 SciPy CSR matrix [rows, features], of `learn_words` results; fix the features.

        Raises:
            ValueError: more than `MAX_ROWS` documents.
        """
        keys = self._keys(documents)
        keys.sort()
        first = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]][: len(keys)])  # of each (feature, row)
        counts = np.diff(np.r_[first, len(keys)])
        codes, rows = keys[first] >> _ROW_BITS, keys[first] & (MAX_ROWS - 1)
        del keys
        starts = np.flatnonzero(np.r_[True, codes[1:] != codes[:-1]][: len(codes)])  # of each feature
        frequency = np.diff(np.r_[starts, len(codes)])
        kept = frequency >= self.min_df
        if self.max_features is not None and kept.sum() > self.max_features:
            most = np.argsort(-frequency, kind="stable")[: self.max_features]
            kept = np.isin(np.arange(len(starts)), most)
        self._codes, self.features = codes[starts[kept]], int(kept.sum())
        within = np.repeat(kept, frequency)
        edges = np.r_[0, np.cumsum(frequency[kept])]
        return _columns_to_rows(counts[within], rows[within], edges, (len(documents), self.features))

    def transform(self, texts: Iterable[str]) -> Any:
        """Return the counts [rows, features], as `fit` does, of new texts; what training did not keep is not counted.

        Raises:
            ValueError: more than `MAX_ROWS` texts at once.
        """
        documents = [self._numbers(self._split(text)) for text in texts]
        keys = self._keys(documents)
        codes, rows = keys >> _ROW_BITS, keys & (MAX_ROWS - 1)
        columns = np.minimum(np.searchsorted(self._codes, codes), max(0, self.features - 1))
        seen = self._codes[columns] == codes if self.features else np.zeros(len(codes), dtype=bool)
        return _count(rows[seen], columns[seen], (len(documents), self.features))

    def _numbers(self, found: Iterable[str]) -> array[int]:
        """Return the numbers of known words; `_UNSEEN` for any other."""
        return array("i", map(self._words.get, found, repeat(_UNSEEN)))

    def _keys(self, documents: Sequence[array[int]]) -> Integers:
        """Return one integer for every occurrence of a known word (first word 0) or pair in a row."""
        if len(documents) > MAX_ROWS:
            raise ValueError(f"At most {MAX_ROWS:,} rows can be counted together, not {len(documents):,}.")
        lengths = np.array([len(document) for document in documents], dtype=np.int64)
        numbers = np.empty(int(lengths.sum()), dtype=np.int64)
        end = 0
        for document in documents:
            numbers[end : end + len(document)] = document
            end += len(document)
        rows = np.repeat(np.arange(len(documents), dtype=np.int64), lengths)
        known = numbers != _UNSEEN
        single: Integers = (numbers[known] << _ROW_BITS) | rows[known]
        if not self._pairs:
            return single
        neighbours = (rows[1:] == rows[:-1]) & known[1:] & known[:-1]
        pairs = (numbers[:-1][neighbours] << _WORD_BITS) | numbers[1:][neighbours]
        pairs = (pairs << _ROW_BITS) | rows[1:][neighbours]
        return np.concatenate([single, pairs])


def _columns_to_rows(counts: Integers, rows: Integers, edges: Integers, shape: tuple[int, int]) -> Any:
    """Return counts sorted by column (column c holds edges[c]:edges[c + 1]) as a CSR matrix of this shape."""
    from scipy import sparse

    return sparse.csc_matrix((counts.astype(np.float32), rows.astype(np.int32), edges), shape=shape).tocsr()


def _count(rows: Integers, columns: NDArray[np.intp], shape: tuple[int, int]) -> Any:
    """Return the CSR matrix of this shape that counts each (row, column)."""
    from scipy import sparse

    return sparse.coo_matrix((np.ones(len(rows), dtype=np.float32), (rows, columns)), shape=shape).tocsr()
