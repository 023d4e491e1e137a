"""Text to ids of pieces of words: byte-pair encoding (`text/bpe.py`) of each word by itself, in lower case.

A word is a run of letters, digits and marks, ideographs among them; an apostrophe parts words, and each other sign is a
word of its own. A longer run than LONGEST_RUN is cut there, so that a stream holds back no more. A word in a script
that parts words by spaces has a space before it, so that its first piece differs from the same letters inside a word.

Merges come from training rows alone. Every text has pieces; those that no training row has are UNKNOWN.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import chain
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from recurra.errors import ArtefactError
from recurra.options.network import TokenLevel, Truncate
from recurra.text.bpe import Subwords
from recurra.text.spaceless import is_spaceless
from recurra.text.spans import spans
from recurra.text.stable_prefix import open_break, shorten_break
from recurra.text.text_columns import MARK
from recurra.text.tokenizer import FIRST_WORD, UNKNOWN, Tokenizer
from recurra.text.words import Rule, divided, is_word, marks, without_breaks

LONGEST_RUN = 128
"""Characters of the longest run that is encoded as one."""

CACHED_CHARACTERS, CACHED_RUNS = 32, 300_000
"""Runs that are remembered: longer ones hardly come again."""

_PLAIN = Rule(re.compile(r"\w{1,128}|[^\w\s]"), re.compile(r"\W"))
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


@cache
def _with_marks() -> tuple[re.Pattern[str], Rule]:
    """Return a search for combining marks, which `_PLAIN` takes for signs, and the rule that leaves them in words."""
    return re.compile(f"[{marks()}]"), Rule(
        re.compile(rf"[\w{marks()}]{{1,{LONGEST_RUN}}}|\S"), re.compile(rf"[^\w{marks()}]")
    )


def _rule_for(text: str) -> Rule:
    if text.isascii():
        return _PLAIN
    search, careful = _with_marks()
    return careful if search.search("".join(set(text))) else _PLAIN


class PieceTokenizer(Tokenizer):
    """Each piece of a word is a token.

    subwords: the encoding. pieces: those of its ids that are tokens, most frequent first. The rest: see `Tokenizer`.
    """

    level: ClassVar[TokenLevel] = "bpe"
    pattern: ClassVar[str] = "pieces-of-words-1"

    def __init__(
        self,
        subwords: Subwords,
        pieces: Sequence[int],
        *,
        max_tokens: int | None,
        truncate: Truncate = "tail",
        fill: bool = False,
        punctuation: bool = True,
        columns: Sequence[str] = (),
    ) -> None:
        super().__init__(max_tokens=max_tokens, truncate=truncate, fill=fill, punctuation=punctuation, columns=columns)
        self.bpe = subwords
        self.pieces = list(pieces)
        self._table = np.full(subwords.size + 1, UNKNOWN, dtype=np.int32)  # the last is the mark between columns
        self._table[-1] = FIRST_WORD
        self._first = FIRST_WORD + self.marked
        self._table[self.pieces] = np.arange(self._first, self.size, dtype=np.int32)
        whole = [subwords.bytes_of(piece).decode("utf-8", "ignore").strip() != "" for piece in self.pieces]
        self.silent = ~np.array([True] * FIRST_WORD + [False] * self.marked + whole)  # parts, the space in front, mark
        self._lookup = _Lookup(subwords, punctuation=punctuation)
        if self.marked:
            self._lookup[MARK] = (subwords.size,)

    @classmethod
    def fit(
        cls,
        texts: Iterable[str],
        *,
        size: int,
        min_count: int,
        max_tokens: int | None,
        truncate: Truncate,
        fill: bool,
        punctuation: bool,
        columns: Sequence[str] = (),
    ) -> PieceTokenizer:
        """Return a tokenizer of at most `size` pieces, made of pairs that `texts` have `min_count` times or more.

        texts: gone through several times. Raises OptionError for a size that does not hold the bytes.
        """
        subwords = Subwords.train(
            _Spelled(texts, punctuation=punctuation, marked=len(columns) > 1),
            size,
            min_count=min_count,
            lines=True,
        )
        every = cls(subwords, range(subwords.size), max_tokens=None, punctuation=punctuation, columns=columns)
        counts = np.zeros(every.size, dtype=np.int64)
        for text in texts:
            counts += np.bincount(every.ids(text), minlength=len(counts))
        counts = counts[every.size - subwords.size :]  # of the pieces alone
        met = np.flatnonzero(counts)
        return cls(
            subwords,
            met[np.argsort(-counts[met], kind="stable")].tolist(),
            max_tokens=max_tokens,
            truncate=truncate,
            fill=fill,
            punctuation=punctuation,
            columns=columns,
        )

    @property
    def size(self) -> int:
        return len(self.pieces) + FIRST_WORD + self.marked

    def ids(self, text: str, *, begun: bool = False) -> NDArray[np.int32]:
        found = chain.from_iterable(map(self._lookup.__getitem__, _runs(text)))
        return self._table[np.fromiter(found, dtype=np.int64)]

    def ids_with_offsets(self, text: str) -> tuple[NDArray[np.int32], list[tuple[int, int]]]:
        found: list[int] = []
        offsets: list[tuple[int, int]] = []
        for match in _rule_for(text).tokens.finditer(without_breaks(text)):
            pieces = self._lookup[match.group()]
            found += pieces
            if pieces == (self.bpe.size,):
                offsets.append(match.span())
            else:
                offsets += self._offsets(match.group(), match.start(), pieces)
        return self._table[np.array(found, dtype=np.int64)], offsets

    def _offsets(self, run: str, start: int, pieces: Sequence[int]) -> Iterable[tuple[int, int]]:
        """Yield (start, end) in the text of each piece of a run that begins at `start`."""
        lengths = [len(_sound(character.lower()).encode()) for character in run]
        lengths[0] += len(_spelled(run).encode()) - sum(lengths)  # the space in front belongs to the first character
        ends = np.cumsum(lengths)
        first = 0
        for piece in pieces:
            last = first + len(self.bpe.bytes_of(piece)) - 1
            left, right = np.searchsorted(ends, [first, last], side="right").tolist()
            yield start + left, start + right + 1
            first = last + 1

    def spans(self, text: str, offsets: Sequence[tuple[int, int]]) -> NDArray[np.int64]:
        return spans(text, offsets, block=1, marked=self.marked)

    def stable_length(self, text: str) -> int:
        """What is not stable is a line break that is not closed yet, and a run that may go on."""
        if (opening := open_break(text)) < len(text):
            return opening
        start = len(text)
        while start and _in_run(text[start - 1]):
            start -= 1
        return len(text) - (len(text) - start) % LONGEST_RUN

    def shorten_tail(self, tail: str) -> str:
        return shorten_break(tail) if tail.startswith("<") else tail

    def vocabulary(self) -> dict[str, Any]:
        return {
            "merges": [f"{left} {right}" for left, right in self.bpe.merges],
            "pieces": self.pieces,
        }

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
        subwords = Subwords.from_merges(plain["merges"], lines=True)
        pieces = plain["pieces"]
        if not (
            isinstance(pieces, list)
            and all(type(piece) is int and 0 <= piece < subwords.size for piece in pieces)
            and len(set(pieces)) == len(pieces)
        ):
            raise ArtefactError("tokenizer.json has a value out of range. Train the model again.")
        return cls(
            subwords,
            pieces,
            max_tokens=max_tokens,
            truncate=truncate,
            fill=fill,
            punctuation=punctuation,
            columns=columns,
        )


class _Spelled:
    """Texts as an encoding of lines is trained on them: a run on each line."""

    def __init__(self, texts: Iterable[str], *, punctuation: bool, marked: bool) -> None:
        self._texts, self._punctuation, self._left_out = texts, punctuation, MARK if marked else None

    def __iter__(self) -> Iterator[str]:
        for text in self._texts:
            runs = (run for run in _runs(text) if (self._punctuation or is_word(run)) and run != self._left_out)
            yield "\n".join(map(_spelled, runs))


class _Lookup(dict[str, tuple[int, ...]]):
    """Run as spelled -> ids of its pieces in the encoding; short ones are remembered within bounds."""

    def __init__(self, subwords: Subwords, *, punctuation: bool) -> None:
        super().__init__()
        self._subwords, self._punctuation = subwords, punctuation

    def __missing__(self, run: str) -> tuple[int, ...]:
        counts = self._punctuation or is_word(run)
        pieces = tuple(self._subwords.encode(_spelled(run))) if counts else ()
        if len(run) <= CACHED_CHARACTERS and len(self) < CACHED_RUNS:
            self[run] = pieces
        return pieces


def _in_run(character: str) -> bool:
    return character.isalnum() or character == "_" or unicodedata.category(character)[0] == "M"


def _runs(text: str) -> list[str]:
    return divided(without_breaks(text), _rule_for(text))


def _spelled(run: str) -> str:
    """Return a run as it is encoded: in lower case, with a space in front where its script parts words by spaces."""
    return (" " if is_word(run[0]) and not is_spaceless(run[0]) else "") + _sound(run.lower())


def _sound(text: str) -> str:
    """Return a text of the same length without lone surrogates, which UTF-8 cannot hold."""
    return text if text.isascii() else _LONE_SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text)
