"""Words of a decoded text and their times."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recurra.tasks.transcribe.alphabet import Alphabet
from recurra.tasks.transcribe.ctc import Decoded
from recurra.tasks.transcribe.features import FrontEnd
from recurra.tasks.transcribe.timing import words_of

ALPHABET = Alphabet(" abc")


class Tenths:
    def seconds(self, step: int) -> float:
        return step / 10


def decoded(text: str) -> Decoded:
    """Each character takes two steps, and a step of nothing follows."""
    first = 3 * np.arange(len(text), dtype=np.int64)
    scores = np.linspace(0.9, 0.5, len(text))
    symbols = ALPHABET.symbols(text)
    assert symbols is not None
    return Decoded(symbols, np.stack([first, first + 2], axis=1), scores, -1.0)


def test_a_word_is_from_its_first_character_to_its_last() -> None:
    words = words_of(decoded("ab c"), ALPHABET, Tenths(), start=2.0)
    assert [word.text for word in words] == ["ab", "c"]
    assert [(word.start, word.end) for word in words] == [pytest.approx((2.0, 2.5)), pytest.approx((2.9, 3.1))]
    assert [word.confidence for word in words] == pytest.approx([0.9 - 0.4 / 3, 0.5])
    assert all(type(value) is float for word in words for value in (word.start, word.end, word.confidence))


def test_a_word_of_sound_shorter_than_a_frame_has_a_length() -> None:
    front_end = FrontEnd(rate=8000)
    seconds = 40 / 8000
    once = Decoded(np.array([2]), np.array([[0, 1]]), np.array([0.5]), -1.0)
    (word,) = words_of(once, ALPHABET, front_end, start=3.0, end=3.0 + seconds)
    assert (word.start, word.end) == (3.0, 3.0 + seconds)


@given(st.text(alphabet="abc ", max_size=12))
def test_words_are_what_whitespace_separates_in_order(text: str) -> None:
    words = words_of(decoded(text), ALPHABET, Tenths())
    assert [word.text for word in words] == text.split()
    assert all(word.start < word.end for word in words)
    assert all(one.end <= other.start for one, other in itertools.pairwise(words))
