"""The rows of a corpus as ids for the baseline: words, or the characters of the text."""

from __future__ import annotations

from array import array
from itertools import islice
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from recurra.data.token_store import TokenStore
from recurra.evaluation.metric import Floats, Integers
from recurra.many_to_one.corpus import Corpus
from recurra.many_to_one.learn.ngram_counts import TokenRows
from recurra.text.spaceless import spaceless_share
from recurra.text.word_tokenizer import TokenCounter
from recurra.text.words import is_word

MET_ONCE = 0.5
"""Share of a row's words that no other row has, the mean over the rows, from which characters are counted instead."""
BLIND, BLIND_ROWS = 0.8, 0.2
"""The same, where that share is at least the first in the second part of the rows: one language of several, perhaps."""
SPACELESS = 0.3
"""The same, where this share of the characters is of scripts without spaces between words."""
MAX_ROWS = 100_000
"""Rows that a baseline learns from, at most."""
_FIRST_TEXTS = 500
_CHUNK_TOKENS = 1 << 20


class RowSource(Protocol):
    """Gives rows of the corpus as ids.

    most: ids that may be held at once.
    """

    @property
    def most(self) -> int: ...

    def lengths(self, rows: Integers) -> Integers:
        """Return how many ids each row has."""
        ...

    def read(self, rows: Integers) -> TokenRows:
        """Return the rows, whose numbers rise."""
        ...


class Words:
    """Words and signs, by the provisional ids of the corpus."""

    most = 16_000_000  # IMDB's 45,000 reviews have 13 million

    def __init__(self, corpus: Corpus) -> None:
        """Raises OutputError where words cannot be written to the disk: where the corpus has other tokens."""
        self._counter, self._pool = corpus.counter, corpus.pool
        self._starts, self._counts = corpus.starts, corpus.counts
        self._own: TokenStore | None = None
        if corpus.level != "word":
            self._counter = TokenCounter(punctuation=corpus.counter.punctuation)
            self._pool = self._own = TokenStore(corpus.directory)
            counts = array("q")
            for text in corpus.texts:
                ids = self._counter.number(text)
                self._pool.append(ids)
                counts.append(len(ids))
            self._counts = np.array(counts, dtype=np.int64)
            self._starts = _offsets(self._counts)[:-1]

    def close(self) -> None:
        """Remove what was written to the disk."""
        if self._own is not None:
            self._own.close()

    def spellings(self) -> list[str]:
        """Return the word of each id."""
        return self._counter.spellings()

    def lengths(self, rows: Integers) -> Integers:
        return np.asarray(self._counts[rows], dtype=np.int64)

    def read(self, rows: Integers) -> TokenRows:
        counts, starts = self.lengths(rows), self._starts[rows]
        ends, offsets = starts + counts, _offsets(counts)
        ids = np.empty(int(offsets[-1]), dtype=np.int32)
        first = 0
        while first < len(rows):  # about _CHUNK_TOKENS of the pool at a time
            last = max(first + 1, int(np.searchsorted(ends, starts[first] + _CHUNK_TOKENS)))
            part, begin = slice(first, last), offsets[first]
            chunk = self._pool[int(starts[first]) : int(ends[last - 1])]
            moved = starts[part] - starts[first] - (offsets[part] - begin)
            place = np.arange(offsets[last] - begin) + np.repeat(moved, counts[part])
            ids[begin : offsets[last]] = chunk[place]
            first = last
        return TokenRows(ids, offsets)


class Characters:
    """Characters in lower case, white space made single, by code point."""

    most = 8_000_000

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus

    def lengths(self, rows: Integers) -> Integers:
        return np.array([len(self._plain(row)) for row in rows], dtype=np.int64)

    def read(self, rows: Integers) -> TokenRows:
        texts = [self._plain(row) for row in rows]
        return code_points(texts)

    def _plain(self, row: int) -> str:
        return " ".join(self._corpus.texts[int(row)].lower().split())


def sampled(source: RowSource, rows: Integers, seed: int) -> Integers:
    """Return the rows, rising: all, or a uniform sample within the bounds: MAX_ROWS, and `source.most` ids."""
    if len(rows) > MAX_ROWS:
        rows = np.sort(np.random.default_rng(seed).permutation(rows)[:MAX_ROWS])
    lengths = source.lengths(rows)
    if lengths.sum() <= source.most:
        return rows
    order = np.random.default_rng(seed + 1).permutation(len(rows))
    fits = max(1, int(np.searchsorted(np.cumsum(lengths[order]), source.most, side="right")))
    return rows[np.sort(order[:fits])]


def code_points(texts: list[str]) -> TokenRows:
    """Return the code points of each text."""
    ids = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), dtype=np.int32)
    return TokenRows(ids, _offsets(np.array([len(text) for text in texts], dtype=np.int64)))


def words_repeat(corpus: Corpus, words: Words, rows: TokenRows) -> bool:
    """Return whether rows have words in common, so that words tell something: not so in Chinese or Thai.

    rows: of the training rows, as `words` gives them.
    """
    if spaceless_share(islice(corpus.texts, _FIRST_TEXTS), ideographs=True) >= SPACELESS:
        return False
    once = _met_once(rows, np.array([len(word) > 1 and is_word(word) for word in words.spellings()], dtype=bool))
    return not (once.mean() >= MET_ONCE or (once >= BLIND).mean() >= BLIND_ROWS)


def _met_once(rows: TokenRows, counts: NDArray[np.bool_]) -> Floats:
    """Return the share of each row's words that no other row has [N]; 1 for a row without words.

    counts: whether each id is a word: of two or more characters, not a sign.
    """
    row = np.repeat(np.arange(len(rows), dtype=np.int64), np.diff(rows.offsets))
    own = counts[rows.ids] if len(rows.ids) else np.zeros(0, dtype=bool)
    distinct = np.unique(row[own] * len(counts) + rows.ids[own])
    width = max(1, len(counts))
    frequency = np.bincount(distinct % width, minlength=len(counts))
    words = np.bincount(distinct // width, minlength=len(rows))
    once = np.bincount(distinct // width, weights=frequency[distinct % width] == 1, minlength=len(rows))
    return np.asarray(np.where(words > 0, once / np.maximum(1, words), 1.0), dtype=np.float64)


def _offsets(counts: Integers) -> Integers:
    offsets = np.zeros(len(counts) + 1, dtype=np.int64)
    np.cumsum(counts, out=offsets[1:])
    return offsets
