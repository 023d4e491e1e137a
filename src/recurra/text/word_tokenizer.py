"""Text to ids of words, and the words of a corpus counted.

The vocabulary comes from training rows only: words by falling frequency, ties by spelling, so that it does not depend
on the order of the rows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import replace
from functools import cached_property
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from recurra.options.network import TokenLevel, Truncate
from recurra.text.ngram_limits import MOST_SUBWORD_BUCKETS
from recurra.text.stable_prefix import shorten_tail, stable_length
from recurra.text.subwords import subwords
from recurra.text.text_columns import MARK
from recurra.text.tokenizer import FIRST_WORD, UNKNOWN, Encoding, Tokenizer, check_mark, distinct_texts, shown_numbers
from recurra.text.words import PATTERN, is_word, split, split_with_offsets

LONGEST_WORD = 64
"""Characters of an unfinished word that a stream keeps, however short the vocabulary's words are."""

_CACHE_LIMIT = 500_000
_NO_TOKEN = -1
"""The id of punctuation where it is no token, until it is removed."""


class _Lookup(dict[str, int]):
    """Spelling -> id; a spelling not met before is looked up in lower case once, and remembered within bounds."""

    def __init__(self, ids: dict[str, int], *, punctuation: bool) -> None:
        super().__init__(ids)
        self._ids = ids
        self._punctuation = punctuation

    def __missing__(self, spelling: str) -> int:
        counts = self._punctuation or is_word(spelling)
        number = self._ids.get(spelling.lower(), UNKNOWN) if counts else _NO_TOKEN
        if len(self) < _CACHE_LIMIT + len(self._ids):
            self[spelling] = number
        return number


class WordTokenizer(Tokenizer):
    """Each word is a token, and each ideograph and punctuation sign; words are looked up in lower case.

    words: the vocabulary, most frequent first; word `words[i]` has id `i + 2`. subwords: more than 0 for an open
    vocabulary. The rest: see `Tokenizer`.
    """

    level: ClassVar[TokenLevel] = "word"
    pattern: ClassVar[str] = PATTERN

    def __init__(
        self,
        words: Sequence[str],
        *,
        max_tokens: int | None,
        truncate: Truncate = "tail",
        fill: bool = False,
        punctuation: bool = True,
        subwords: int = 0,
        columns: Sequence[str] = (),
    ) -> None:
        super().__init__(max_tokens=max_tokens, truncate=truncate, fill=fill, punctuation=punctuation, columns=columns)
        self.subwords = subwords
        self.words = list(words)
        if self.marked:
            check_mark(self.words)
            self.silent = np.arange(self.size) == FIRST_WORD
        ids = {word: i for i, word in enumerate(self.words, FIRST_WORD)}
        self._lookup = _Lookup(ids, punctuation=punctuation)

    @property
    def size(self) -> int:
        return len(self.words) + FIRST_WORD

    def ids(self, text: str, *, begun: bool = False) -> NDArray[np.int32]:
        ids = np.fromiter(map(self._lookup.__getitem__, split(text)), dtype=np.int32)
        return ids if self.punctuation else ids[ids != _NO_TOKEN]

    def encode(self, text: str) -> Encoding:
        if not self.subwords:
            return super().encode(text)
        tokens = self._tokens(text)
        return self._with_novel(tokens, self.fit_length(self._ids_of(tokens)))

    def encode_with_offsets(self, text: str) -> tuple[Encoding, list[tuple[int, int]]]:
        ids, offsets = self.ids_with_offsets(text)
        encoding = self.fit_length(ids)
        return self._with_novel([text[start:end] for start, end in offsets], encoding), offsets

    def ids_and_unknown(self, text: str, *, begun: bool = False) -> tuple[NDArray[np.int32], list[str]]:
        tokens = self._tokens(text)
        ids = self._ids_of(tokens)
        return ids, [tokens[place].lower() for place in np.flatnonzero(ids == UNKNOWN)]

    def opened(
        self, ids: NDArray[np.int32], unknown: Sequence[str]
    ) -> tuple[NDArray[np.int32], list[NDArray[np.int32]]]:
        if not self.subwords or not unknown:
            return ids, []
        numbers: dict[str, int] = {}
        changed = ids.copy()
        changed[ids == UNKNOWN] = [self.size + numbers.setdefault(word, len(numbers)) for word in unknown]
        return changed, [subwords(word, self.subwords) for word in numbers]

    def with_subwords(self, buckets: int) -> WordTokenizer:
        """Return the same tokenizer with so many buckets for the character n-grams of unknown words."""
        other = copy(self)
        other.subwords = buckets
        return other

    def with_words(self, words: Sequence[str]) -> WordTokenizer:
        """Return a tokenizer of other words that is the same in all else."""
        return WordTokenizer(
            words,
            max_tokens=self.max_tokens,
            truncate=self.truncate,
            fill=self.fill,
            punctuation=self.punctuation,
            subwords=self.subwords,
            columns=self.columns,
        )

    def ids_with_offsets(self, text: str) -> tuple[NDArray[np.int32], list[tuple[int, int]]]:
        tokens = split_with_offsets(text)
        if not self.punctuation:
            tokens = [part for part in tokens if self._is_token(part[0])]
        return self._ids_of([token for token, _, _ in tokens]), [(start, end) for _, start, end in tokens]

    def spans(self, text: str, offsets: Sequence[tuple[int, int]]) -> NDArray[np.int64]:
        return shown_numbers(text, offsets) if self.marked else np.arange(len(offsets))

    def stable_length(self, text: str) -> int:
        return stable_length(text)

    def shorten_tail(self, tail: str) -> str:
        return shorten_tail(tail, max(LONGEST_WORD, self._longest))

    def vocabulary(self) -> dict[str, Any]:
        return {**({"subwords": self.subwords} if self.subwords else {}), "words": self.words}

    @classmethod
    def fitted(
        cls,
        plain: Mapping[str, Any],
        *,
        max_tokens: int | None,
        truncate: Truncate,
        fill: bool,
        punctuation: bool,
        columns: Sequence[str] = (),
    ) -> Self:
        buckets = plain.get("subwords", 0)
        if not (type(buckets) is int and 0 <= buckets <= MOST_SUBWORD_BUCKETS):
            raise ValueError("it has a number of subwords out of range")
        return cls(
            distinct_texts(plain["words"]),
            max_tokens=max_tokens,
            truncate=truncate,
            fill=fill,
            punctuation=punctuation,
            subwords=buckets,
            columns=columns,
        )

    def _tokens(self, text: str) -> list[str]:
        parts = split(text)
        return parts if self.punctuation else [part for part in parts if self._is_token(part)]

    def _is_token(self, part: str) -> bool:
        """Return whether a part of the text is a token where punctuation is none."""
        return is_word(part) or (self.marked and part == MARK)

    def _ids_of(self, tokens: Sequence[str]) -> NDArray[np.int32]:
        return np.fromiter(map(self._lookup.__getitem__, tokens), dtype=np.int32, count=len(tokens))

    def _with_novel(self, tokens: Sequence[str], encoding: Encoding) -> Encoding:
        """Return `encoding`, that of `tokens`, with an id of its own for each unknown word that is read."""
        if not (self.subwords and encoding.unknown):
            return encoding
        first = len(encoding) - encoding.read  # after the filler
        read = range(len(tokens))[kept] if isinstance(kept := self.kept(len(tokens)), slice) else kept
        places = np.flatnonzero(encoding.ids[first:] == UNKNOWN)
        ids, novel = self.opened(encoding.ids, [tokens[read[place]].lower() for place in places])
        return replace(encoding, ids=ids, novel=tuple(novel))

    @cached_property
    def _longest(self) -> int:
        """How many characters the longest word has."""
        return max(map(len, self.words), default=0)


class TokenCounter:
    """Number every spelling that a corpus contains, before it is known which rows train.

    Provisional ids grow with the words met; `vocabulary` then counts over the training rows alone, so rows that
    do not train influence neither the choice of words nor their ids.
    """

    def __init__(self, *, punctuation: bool = True, marked: bool = False) -> None:
        """punctuation: whether punctuation signs are tokens. marked: whether the texts are of several columns: the mark
        between them is then the first word of the vocabulary, however often it occurs."""
        self.punctuation = punctuation
        self.marked = marked
        self._ids: dict[str, int] = {MARK: 0} if marked else {}
        self._lookup = _Numbering(self._ids, punctuation=punctuation)
        self._lookup.update(self._ids)

    def number(self, text: str) -> NDArray[np.int32]:
        """Return the provisional ids of `text` [T]; T is 0 for a text without tokens."""
        ids = np.fromiter(map(self._lookup.__getitem__, split(text)), dtype=np.int32)
        return ids if self.punctuation else ids[ids != _NO_TOKEN]

    def spellings(self) -> list[str]:
        """Return each word that was met, in lower case; its place is its provisional id."""
        return list(self._ids)

    def vocabulary(
        self,
        training_ids: Iterable[NDArray[np.int32]],
        *,
        size: int,
        min_count: int,
        known: Collection[str] = (),
        extra: Sequence[str] = (),
    ) -> tuple[list[str], NDArray[np.int32]]:
        """Choose the words and the table from provisional to final ids.

        training_ids: the provisional ids of the training rows, in pieces of any length.
        size: the most words of the training rows. min_count: how often a word must occur in them, unless it is one of
        the `known`. extra: words that the training rows lack, to have ids after all others.
        Returns the words, most frequent first, then the extra ones, and an int32 table [provisional ids] of final ids.
        """
        counts = self._counts(training_ids)
        spelled = list(self._ids)
        chosen = np.flatnonzero(counts >= (1 if known else max(min_count, 1))).tolist()
        if known:
            chosen = [i for i in chosen if counts[i] >= min_count or spelled[i] in known]
        chosen.sort(key=lambda i: (-counts[i], spelled[i]))
        if self.marked:
            chosen = [0, *(i for i in chosen if i)]
        chosen = chosen[:size]
        table = np.full(len(self._ids), UNKNOWN, dtype=np.int32)
        table[chosen] = np.arange(FIRST_WORD, FIRST_WORD + len(chosen), dtype=np.int32)
        for number, word in enumerate(extra, FIRST_WORD + len(chosen)):
            if (provisional := self._ids.get(word)) is not None:  # a word of rows that do not train
                table[provisional] = number
        return [*(spelled[i] for i in chosen), *extra], table

    def table(self, words: Sequence[str]) -> NDArray[np.int32]:
        """Return the table [provisional ids] of final ids for a vocabulary that was chosen elsewhere."""
        ids = {word: number for number, word in enumerate(words, FIRST_WORD)}
        return np.fromiter((ids.get(word, UNKNOWN) for word in self._ids), dtype=np.int32, count=len(self._ids))

    def words(self, training_ids: Iterable[NDArray[np.int32]]) -> dict[str, int]:
        """Return how often each word occurs in the training rows, of those that do. training_ids: as above."""
        counts = self._counts(training_ids).tolist()
        return {word: count for word, count in zip(self._ids, counts, strict=True) if count}

    def _counts(self, training_ids: Iterable[NDArray[np.int32]]) -> NDArray[np.int64]:
        counts = np.zeros(len(self._ids), dtype=np.int64)
        for ids in training_ids:
            counts += np.bincount(ids, minlength=len(counts))
        return counts


class _Numbering(dict[str, int]):
    """Spelling -> provisional id of its lower-case form, given out in order of appearance."""

    def __init__(self, ids: dict[str, int], *, punctuation: bool) -> None:
        super().__init__()
        self._ids = ids
        self._punctuation = punctuation

    def __missing__(self, spelling: str) -> int:
        counts = self._punctuation or is_word(spelling)
        number = self._ids.setdefault(spelling.lower(), len(self._ids)) if counts else _NO_TOKEN
        if len(self) < _CACHE_LIMIT:
            self[spelling] = number
        return number
