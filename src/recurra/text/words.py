"""Text to token ids: one tokeniser for training and for inference, saved as plain JSON.

A token is a word (letters, digits, marks; an apostrophe inside joins), a single ideograph, or one punctuation sign.
HTML line breaks are white space. Words are looked up in lower case. Offsets always refer to the text as it was given.

The vocabulary comes from training rows only. Id 0 is the filler (`FILL`), id 1 is every word that training did not see
often enough (`UNKNOWN`), and ids from 2 on are words by falling frequency, ties by spelling, so that a vocabulary does
not depend on the order of the rows.
"""

from __future__ import annotations

import json
import re
import sys
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from recurra.errors import ArtefactError, brief
from recurra.options.network import MAX_TOKENS, Truncate

FILL = 0
UNKNOWN = 1
FIRST_WORD = 2

PATTERN = "words-1"
"""Name of the splitting rule below; saved with a tokeniser, so that a changed rule is never applied to an old model."""

LINE_BREAK = re.compile(r"<br\s*+(?:/\s*+)?>", re.IGNORECASE)
"""An HTML line break. Its repeats give nothing back, so that it costs no more than to read the text once."""

_IDEOGRAPHS = r"\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_CACHE_LIMIT = 500_000

BLOCK_CHARACTERS = 1 << 14
"""Characters that are split at one time: no other thread of the process runs meanwhile."""


@dataclass(frozen=True)
class _Rule:
    """A splitting rule. tokens: matches each token. ends: matches a character that no token reaches beyond."""

    tokens: re.Pattern[str]
    ends: re.Pattern[str]


_PLAIN = _Rule(re.compile(r"\w+(?:['’]\w+)*|[^\w\s]"), re.compile(r"[^\w'’]"))


@cache
def _special() -> tuple[re.Pattern[str], _Rule]:
    """Return a search for characters that `_PLAIN` would split wrongly, and the rule that splits them right.

    Those are ideographs, which are words of their own, and combining marks, which belong to the word before them
    (`\\w` leaves them out and would cut the words of Hindi or Thai apart).
    """
    marks = _ranges([c for c in range(0x300, sys.maxunicode + 1) if unicodedata.category(chr(c)) in ("Mn", "Mc", "Me")])
    ideographs = re.compile(f"[{_IDEOGRAPHS}]")
    letters = [c for c in range(sys.maxunicode + 1) if chr(c).isalnum() and not ideographs.match(chr(c))]
    letter = f"_{_ranges(letters)}{marks}"
    careful = _Rule(re.compile(rf"[{letter}]+(?:['’][{letter}]+)*|\S"), re.compile(f"[^{letter}'’]"))
    return re.compile(f"[{_IDEOGRAPHS}{marks}]"), careful


def _ranges(codes: Sequence[int]) -> str:
    """Return rising code points as the inside of a character class."""
    pieces: list[list[int]] = []
    for code in codes:
        if pieces and pieces[-1][1] == code - 1:
            pieces[-1][1] = code
        else:
            pieces.append([code, code])
    return "".join(f"{re.escape(chr(low))}-{re.escape(chr(high))}" for low, high in pieces)


def warm_up() -> None:
    """Make now what the first text with letters beyond Latin needs, which takes a quarter of a second."""
    _special()


def _rule_for(text: str) -> _Rule:
    """Return `_PLAIN` where it is right, which is nearly always and 15 times faster, else the careful pattern."""
    if text.isascii():
        return _PLAIN
    search, careful = _special()
    return careful if search.search("".join(set(text))) else _PLAIN  # each character once: a long text has few


def split(text: str) -> list[str]:
    """Return the tokens of `text` in order, spelled as in the text (not lower-cased)."""
    text = _without_breaks(text)
    rule = _rule_for(text)
    if len(text) <= BLOCK_CHARACTERS:
        return rule.tokens.findall(text)
    tokens: list[str] = []
    start = 0
    while start < len(text):
        end = rule.ends.search(text, start + BLOCK_CHARACTERS)
        stop = end.end() if end else len(text)
        tokens += rule.tokens.findall(text, start, stop)
        start = stop
    return tokens


def split_with_offsets(text: str) -> list[tuple[str, int, int]]:
    """Return (token, start, end) in order, with `text[start:end] == token`."""
    return [(m.group(), m.start(), m.end()) for m in _rule_for(text).tokens.finditer(_without_breaks(text))]


def is_word(token: str) -> bool:
    """Return whether a token is more than punctuation: whether it holds a letter or a digit."""
    return token.isalnum() or any(map(str.isalnum, token))


def _without_breaks(text: str) -> str:
    """Blank out HTML line breaks without moving any other character."""
    return LINE_BREAK.sub(lambda m: " " * len(m.group()), text) if "<" in text else text


@dataclass(frozen=True)
class Encoding:
    """One text as the network sees it.

    ids: [T] int32, T >= 1; tokens: how many the text has before truncation; unknown: how many of `ids` are UNKNOWN.
    """

    ids: NDArray[np.int32]
    tokens: int
    unknown: int

    @property
    def truncated(self) -> bool:
        return self.tokens > len(self.ids)

    @property
    def nothing_known(self) -> bool:
        """Whether no token that is read is in the vocabulary, or there is none: the answer says nothing of the text."""
        return self.unknown >= self.read

    @property
    def read(self) -> int:
        """How many of the text's tokens the network reads."""
        return min(self.tokens, len(self.ids))


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


class Tokenizer:
    """Turn texts into ids.

    words: the vocabulary, most frequent first; word `words[i]` has id `i + 2`.
    max_tokens: a longer text is cut to this length (None: never cut).
    truncate: the part of a longer text that is kept: its "head", its "tail", or half from "both" ends.
    fill: fill every text in front with FILL up to `max_tokens`, as the tutorial's recipe does. The filler is then a
    part of the sequence that the network reads, equal in every batch.
    punctuation: whether punctuation signs are tokens.
    """

    def __init__(
        self,
        words: Sequence[str],
        *,
        max_tokens: int | None,
        truncate: Truncate = "tail",
        fill: bool = False,
        punctuation: bool = True,
    ) -> None:
        self.words = list(words)
        self.max_tokens = max_tokens
        self.truncate = truncate
        self.fill = fill
        self.punctuation = punctuation
        ids = {word: i for i, word in enumerate(self.words, FIRST_WORD)}
        self._lookup = _Lookup(ids, punctuation=punctuation)

    @property
    def size(self) -> int:
        """Number of ids: words, UNKNOWN and FILL."""
        return len(self.words) + FIRST_WORD

    def encode(self, text: str) -> Encoding:
        """Return the ids of `text`, cut and filled. A text without tokens becomes a single UNKNOWN."""
        return self.fit_length(self.ids(text))

    def ids(self, text: str) -> NDArray[np.int32]:
        """Return the ids of every token of `text` [T]; T is 0 for a text without tokens."""
        ids = np.fromiter(map(self._lookup.__getitem__, split(text)), dtype=np.int32)
        return ids if self.punctuation else ids[ids != _NO_TOKEN]

    def encode_with_offsets(self, text: str) -> tuple[Encoding, list[tuple[int, int]]]:
        """Return what `encode` does, and (start, end) in `text` of every token before truncation."""
        tokens = [part for part in split_with_offsets(text) if self.punctuation or is_word(part[0])]
        ids = np.fromiter((self._lookup[token] for token, _, _ in tokens), dtype=np.int32)
        return self.fit_length(ids), [(start, end) for _, start, end in tokens]

    def fit_length(self, ids: NDArray[np.int32]) -> Encoding:
        """Cut and fill a whole text's `ids` [T]."""
        tokens = len(ids)
        kept = ids[self.kept(tokens)] if tokens else np.array([UNKNOWN], dtype=np.int32)
        unknown = int(np.count_nonzero(kept == UNKNOWN)) if tokens else 0
        if self.fill and self.max_tokens and len(kept) < self.max_tokens:
            kept = np.concatenate([np.full(self.max_tokens - len(kept), FILL, dtype=np.int32), kept])
        return Encoding(kept, tokens, unknown)

    def kept(self, tokens: int) -> slice | NDArray[np.intp]:
        """Return the index of the tokens that truncation keeps from a text of `tokens` tokens."""
        limit = self.max_tokens
        if limit is None or tokens <= limit:
            return slice(0, tokens)
        if self.truncate == "head":
            return slice(0, limit)
        if self.truncate == "tail":
            return slice(tokens - limit, tokens)
        front = limit // 2
        return np.concatenate([np.arange(front), np.arange(tokens - (limit - front), tokens)])

    def to_json(self) -> str:
        """Return the tokeniser as JSON text."""
        return json.dumps(
            {
                "pattern": PATTERN,
                "max_tokens": self.max_tokens,
                "truncate": self.truncate,
                "fill": self.fill,
                "punctuation": self.punctuation,
                "words": self.words,
            },
            ensure_ascii=True,
        )

    @classmethod
    def from_json(cls, text: str) -> Tokenizer:
        """Return the tokeniser that `to_json` described. Raises ArtefactError for any other JSON."""
        try:
            plain = json.loads(text)
            if plain["pattern"] != PATTERN:
                raise ArtefactError(
                    f"tokenizer.json splits text by the rule {brief(plain['pattern'])}; this Recurra knows "
                    f"{PATTERN!r}. Upgrade Recurra, or train the model again."
                )
            limit, words, punctuation = plain["max_tokens"], plain["words"], plain.get("punctuation", True)
            sound = (
                (limit is None or (type(limit) is int and 0 < limit <= MAX_TOKENS))
                and plain["truncate"] in ("head", "tail", "both")
                and type(plain["fill"]) is bool
                and type(punctuation) is bool
                and isinstance(words, list)
                and all(isinstance(word, str) for word in words)
                and len(set(words)) == len(words)
            )
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise ArtefactError(
                f"tokenizer.json is not a tokeniser of Recurra: {brief(error)}. Train the model again."
            ) from None
        if not sound:
            raise ArtefactError("tokenizer.json has a value out of range. Train the model again.")
        return cls(words, max_tokens=limit, truncate=plain["truncate"], fill=plain["fill"], punctuation=punctuation)


class TokenCounter:
    """Number every spelling that a corpus contains, before it is known which rows train.

    Provisional ids grow with the words met; `vocabulary` then counts over the training rows alone, so rows that
    do not train influence neither the choice of words nor their ids.
    """

    def __init__(self, *, punctuation: bool = True) -> None:
        """punctuation: whether punctuation signs are tokens."""
        self.punctuation = punctuation
        self._ids: dict[str, int] = {}
        self._lookup = _Numbering(self._ids, punctuation=punctuation)

    def number(self, text: str) -> NDArray[np.int32]:
        """Return the provisional ids of `text` [T]; T is 0 for a text without tokens."""
        ids = np.fromiter(map(self._lookup.__getitem__, split(text)), dtype=np.int32)
        return ids if self.punctuation else ids[ids != _NO_TOKEN]

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
        chosen = chosen[:size]
        table = np.full(len(self._ids), UNKNOWN, dtype=np.int32)
        table[chosen] = np.arange(FIRST_WORD, FIRST_WORD + len(chosen), dtype=np.int32)
        for number, word in enumerate(extra, FIRST_WORD + len(chosen)):
            if (provisional := self._ids.get(word)) is not None:  # a word of rows that do not train
                table[provisional] = number
        return [*(spelled[i] for i in chosen), *extra], table

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
