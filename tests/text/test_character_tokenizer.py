"""The tokenizer of characters: its vocabulary, white space, and signs."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recurra.text.character_tokenizer import CharacterTokenizer
from recurra.text.tokenizer import UNKNOWN


def fitted(texts: list[str], *, size: int = 1000, min_count: int = 1, punctuation: bool = True) -> CharacterTokenizer:
    return CharacterTokenizer.fit(
        iter(texts),
        size=size,
        min_count=min_count,
        max_tokens=None,
        truncate="tail",
        fill=False,
        punctuation=punctuation,
    )


def spelled(tokenizer: CharacterTokenizer, text: str) -> list[str]:
    return ["?" if number == UNKNOWN else tokenizer.characters[number - 2] for number in tokenizer.ids(text).tolist()]


@given(st.lists(st.text("abAB é中\u0e44\u0e31.", max_size=20), max_size=6), st.integers(1, 8), st.integers(1, 3))
def test_the_vocabulary_is_that_of_a_plain_count(texts: list[str], size: int, min_count: int) -> None:
    counts = Counter(character.lower() for text in texts for character in " ".join(text.split()))
    expected = sorted((c for c, n in counts.items() if n >= min_count), key=lambda c: (-counts[c], c))[:size]
    assert fitted(texts, size=size, min_count=min_count).characters == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A film.", ["a", " ", "f", "i", "l", "m", "."]),
        ("  a \n<br /> f  ", ["a", " ", "f"]),
        ("é e\u0301", ["é", " ", "e", "?"]),
        ("ไทย", ["ไ", "ท", "ย"]),
        ("İ", ["i\u0307"]),
    ],
)
def test_what_a_token_is(text: str, expected: list[str]) -> None:
    assert spelled(fitted(["a film. é", "ไทย İ e"]), text) == expected


def test_without_signs_they_part_words_as_white_space_does() -> None:
    tokenizer = fitted(["don't - stop_it!", "ก\u0e31บ"], punctuation=False)
    assert spelled(tokenizer, "don't--stop_it!") == list("don t stop it")
    assert spelled(tokenizer, "ก\u0e31บ") == ["ก", "\u0e31", "บ"]  # a mark is no sign
    assert tokenizer.encode("!?").tokens == 0
