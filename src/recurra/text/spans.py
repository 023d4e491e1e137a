"""Which pieces or characters of a text people read as one: those of a word.

Where no spaces part the words, nothing says where they end: there each piece stands for itself, and of characters
`block` neighbours do, each with its marks.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from recurra.text.spaceless import is_spaceless, spaceless_share
from recurra.text.text_columns import MARK
from recurra.text.words import is_word, split, split_with_offsets, without_breaks

SPACELESS_SHARE = 0.3
"""Share of the characters, of scripts without spaces between words, from which texts count as without spaces."""
LONG_WORDS = 15
"""Mean characters of a word from which they do, whatever their script. German and Finnish have 6 to 8."""
BEGINNING = 1_000
"""Characters of a text that are looked at."""

LONGEST_WORD = 30
"""Characters from which a word is none that a person reads as one."""


def without_spaces(texts: Iterable[str]) -> bool:
    """Return whether texts have no spaces between their words, by the beginning of each."""
    beginnings = [text[:BEGINNING] for text in texts]
    words = [token for text in beginnings for token in split(text) if is_word(token)]
    long = sum(map(len, words)) >= LONG_WORDS * max(1, len(words))
    return long or spaceless_share(beginnings, ideographs=True) >= SPACELESS_SHARE


def spans(text: str, offsets: Sequence[tuple[int, int]], *, block: int, marked: bool = False) -> NDArray[np.int64]:
    """Return a number for each token [T]: equal where people read the tokens as one, rising; -1 for white space.

    offsets: (start, end) of each token, rising. block: how many tokens are one where words are not parted by spaces.
    marked: whether the text is of several columns; the mark between them is white space.
    """
    plain, words = without_breaks(text), split_with_offsets(text)
    numbers = np.full(len(offsets), -1, dtype=np.int64)
    number, place, members, end_before = -1, 0, 0, 0
    word_before: int | None = None
    for token, (start, end) in enumerate(offsets):
        if plain[start].isspace() or (marked and plain[start] == MARK):
            word_before = None
            continue
        while words[place][2] <= start:
            place += 1
        word, word_start, word_end = words[place]
        whole = word_end - word_start <= LONGEST_WORD and not is_spaceless(word[0])
        mark = unicodedata.category(text[start])[0] == "M"
        joins = word_before is not None and (
            start < end_before or (word_before == place and (whole or mark or members < block))
        )
        if not joins:
            number, members = number + 1, 0
        members += not mark
        numbers[token] = number
        end_before, word_before = end, place
    return numbers
