"""Two names are ways to start; everything else names a file."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from recurra.options.word_vectors import COUNTED, KEPT_WORDS, WordVectorOptions, names_a_file


def test_which_values_name_a_file() -> None:
    assert not names_a_file(WordVectorOptions().word_vectors)
    assert not names_a_file("random")
    assert names_a_file("glove.6B.100d") and names_a_file("./counted")


def test_words_to_keep_without_a_file_are_refused() -> None:
    with pytest.raises(ValidationError, match="give one with --word-vectors"):
        WordVectorOptions(keep_words=10)
    assert WordVectorOptions(keep_words=10, word_vectors="glove.txt").keep_words == 10
    assert WordVectorOptions(keep_words=KEPT_WORDS).word_vectors == COUNTED
