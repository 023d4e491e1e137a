"""Text to ids of characters.

A token is a code point in lower case, and a run of white space is one token; at the two ends of a text it is none. HTML
line breaks are white space, and so are punctuation signs where they are no tokens. Characters are not composed
(Unicode's NFC): a letter with a combining mark that training never saw is a known letter and a mark then, and a text
can be read character by character.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from recurra.options.network import TokenLevel, Truncate
from recurra.text.spans import spans
from recurra.text.stable_prefix import open_break
from recurra.text.text_columns import MARK
from recurra.text.tokenizer import FIRST_WORD, UNKNOWN, Tokenizer, check_mark, distinct_texts
from recurra.text.words import without_breaks

BLOCK = 4
"""Neighbouring characters that an explanation shows as one where words are not parted by spaces."""

_SPACES = re.compile(r"\s+")


class CharacterTokenizer(Tokenizer):
    """Each character is a token. characters: the vocabulary, most frequent first. The rest: see `Tokenizer`."""

    level: ClassVar[TokenLevel] = "char"
    pattern: ClassVar[str] = "characters-1"

    def __init__(
        self,
        characters: Sequence[str],
        *,
        max_tokens: int | None,
        truncate: Truncate = "tail",
        fill: bool = False,
        punctuation: bool = True,
        columns: Sequence[str] = (),
    ) -> None:
        super().__init__(max_tokens=max_tokens, truncate=truncate, fill=fill, punctuation=punctuation, columns=columns)
        self.characters = list(characters)
        if self.marked:
            check_mark(self.characters)
        self._lookup = _Lookup({character: i for i, character in enumerate(self.characters, FIRST_WORD)})
        self.silent = np.array(
            [False] * FIRST_WORD
            + [character == " " or (self.marked and character == MARK) for character in self.characters]
        )

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
    ) -> CharacterTokenizer:
        """Return a tokenizer of at most `size` characters that `texts` have `min_count` times or more."""
        as_given: Counter[str] = Counter()
        marked = len(columns) > 1
        for text in texts:
            as_given.update(" ".join(_blank(text, punctuation=punctuation, marked=marked).split()))
        counts: Counter[str] = Counter()
        for character, count in as_given.items():
            counts[character.lower()] += count
        chosen = [character for character, count in counts.items() if count >= min_count]
        ordered = sorted(chosen, key=lambda character: (-counts[character], character))
        if marked:
            ordered = [MARK, *(character for character in ordered if character != MARK)]
        return cls(
            ordered[:size],
            max_tokens=max_tokens,
            truncate=truncate,
            fill=fill,
            punctuation=punctuation,
            columns=columns,
        )

    @property
    def size(self) -> int:
        return len(self.characters) + FIRST_WORD

    def ids(self, text: str, *, begun: bool = False) -> NDArray[np.int32]:
        plain = self._plain(text)
        joined = " ".join(plain.split())
        if begun and joined and plain[0].isspace():
            joined = f" {joined}"
        return np.fromiter(map(self._lookup.__getitem__, joined), dtype=np.int32, count=len(joined))

    def ids_with_offsets(self, text: str) -> tuple[NDArray[np.int32], list[tuple[int, int]]]:
        plain = self._plain(text)
        shift = len(plain) - len(plain.lstrip())
        offsets: list[tuple[int, int]] = []
        end = shift
        for gap in _SPACES.finditer(plain.rstrip(), shift):
            offsets += [(place, place + 1) for place in range(end, gap.start())]
            offsets.append(gap.span())
            end = gap.end()
        offsets += [(place, place + 1) for place in range(end, len(plain.rstrip()))]
        return self.ids(text), offsets

    def spans(self, text: str, offsets: Sequence[tuple[int, int]]) -> NDArray[np.int64]:
        return spans(self._plain(text), offsets, block=BLOCK, marked=self.marked)

    def stable_length(self, text: str) -> int:
        """White space at the end is not stable: it is a token if something follows it."""
        opening = open_break(text)
        return len(self._plain(text[:opening]).rstrip())

    def shorten_tail(self, tail: str) -> str:
        opening = open_break(tail)
        return (" " if opening else "") + _SPACES.sub(" ", tail[opening:])

    def vocabulary(self) -> dict[str, Any]:
        return {"characters": self.characters}

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
        return cls(
            distinct_texts(plain["characters"]),
            max_tokens=max_tokens,
            truncate=truncate,
            fill=fill,
            punctuation=punctuation,
            columns=columns,
        )

    def _plain(self, text: str) -> str:
        return _blank(text, punctuation=self.punctuation, marked=self.marked)


class _Lookup(dict[str, int]):
    """Character -> id; one not met before is looked up in lower case once. There are no more than code points."""

    def __missing__(self, character: str) -> int:
        lower = character.lower()
        number = self[character] = UNKNOWN if lower == character else self[lower]
        return number


class _Signs(dict[int, int | str]):
    """A table for `str.translate` that makes a space of every punctuation sign."""

    def __missing__(self, code: int) -> int | str:
        character = chr(code)
        word = character.isalnum() or unicodedata.category(character)[0] == "M"
        kept = self[code] = code if word or character.isspace() else " "
        return kept


_SIGNS, _SIGNS_OF_COLUMNS = _Signs(), _Signs({ord(MARK): MARK})


def _blank(text: str, *, punctuation: bool, marked: bool = False) -> str:
    """Return a text of the same length with spaces for HTML line breaks, and for signs that are no tokens."""
    plain = without_breaks(text)
    return plain if punctuation else plain.translate(_SIGNS_OF_COLUMNS if marked else _SIGNS)
