"""Character n-grams of words against plain Python."""

from __future__ import annotations

from zlib import crc32

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recurra.text.subwords import LONGEST_WORD, joined, subwords
from support.ngram_models import grams_by_hand


def test_the_runs_of_two_to_five_characters_between_the_marks() -> None:
    grams = ["<a", "ab", "b>", "<ab", "ab>", "<ab>"]
    assert subwords("ab", 2**20).tolist() == [crc32(gram.encode()) % 2**20 for gram in grams]
    assert len(subwords("house", 97)) == 6 + 5 + 4 + 3


@given(st.text(max_size=60), st.integers(1, 2**21))
def test_any_word(word: str, buckets: int) -> None:
    found = subwords(word, buckets)
    expected = [crc32(gram.encode("utf-8", "surrogatepass")) % buckets for gram in grams_by_hand(word)]
    assert sorted(found.tolist()) == sorted(expected)
    assert found.dtype == np.int32 and len(found) >= 1 and 0 <= found.min() <= found.max() < buckets


def test_a_lone_surrogate_is_a_character() -> None:
    assert len(subwords("\ud800", 97)) == len(subwords("a", 97)) == 3


def test_words_that_are_spelt_alike_share_most() -> None:
    one, other, far = (set(subwords(word, 2**21).tolist()) for word in ("wonderful", "wonderfull", "ghastly"))
    assert len(one & other) > 0.75 * len(one) and len(one & far) <= 1


def test_of_a_very_long_word_the_beginning_is_read() -> None:
    assert subwords("x" * 10_000, 997).tolist() == subwords("x" * LONGEST_WORD, 997).tolist()


@pytest.mark.parametrize("words", [[], ["a"], ["good", "a", "", "longer"]])
def test_several_words_one_after_another(words: list[str]) -> None:
    grams, ends = joined(words, 97)
    assert ends[0] == 0 and len(ends) == len(words) + 1 and ends[-1] == len(grams)
    for word, start, end in zip(words, ends[:-1], ends[1:], strict=True):
        assert grams[start:end].tolist() == subwords(word, 97).tolist()
