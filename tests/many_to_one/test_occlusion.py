"""What is hidden of a text, and the pieces of it that are shown."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recurra.errors import OptionError
from recurra.many_to_one.occlusion import (
    Contribution,
    around_words,
    edges_shown,
    hidden,
    occlude,
    span_for,
    strongest,
    strongest_words,
)
from recurra.text.tokenizer import UNKNOWN
from recurra.text.word_tokenizer import WordTokenizer

TOKENIZER = WordTokenizer(["good", "bad", "film", "."], max_tokens=None)


@given(st.text(alphabet="go bad.film\n<br>", max_size=60))
def test_each_word_and_each_sentence_is_hidden_once_and_nothing_else(text: str) -> None:
    parts = occlude(TOKENIZER, text)
    assert len(parts.variants) == 1 + len(parts.words) + len(parts.sentences)
    for part, variant in zip(parts.words + parts.sentences, parts.variants[1:], strict=True):
        places = np.zeros(len(parts.encoding.ids), dtype=bool)
        places[part.start + parts.filled : part.stop + parts.filled] = True
        assert (variant.ids[places] == UNKNOWN).all()
        np.testing.assert_array_equal(variant.ids[~places], parts.encoding.ids[~places])
    words, sentences = parts.contributions(np.arange(float(len(parts.variants) - 1)))
    assert [text[word.start : word.end] for word in words] == [word.text for word in words]
    shown = SimpleNamespace(text=text, words=words)
    assert "".join(piece for piece, _ in around_words(shown)).replace("\n", "") in text.replace("\n", "") or "<" in text  # type: ignore[arg-type]
    assert len(sentences) <= len(words)


def test_what_is_no_text_is_refused() -> None:
    with pytest.raises(OptionError, match="must be a str; got int"):
        occlude(TOKENIZER, 3)  # type: ignore[arg-type]


def test_the_strongest_come_first_and_what_adds_nothing_is_left_out() -> None:
    parts = [Contribution(n, n + 1, "x", value) for n, value in enumerate([0.1, -3.0, 0.0, 2.0])]
    assert [part.contribution for part in strongest(parts)] == [-3.0, 2.0, 0.1]
    assert [part.contribution for part in strongest(parts, nothing=0.5)] == [-3.0, 2.0]
    assert [part.contribution for part in strongest_words(parts, 2)] == [-3.0, 2.0]


def test_long_texts_are_hidden_in_spans() -> None:
    assert span_for(100) == 1
    assert span_for(1_000_000) == 31_250
    encoding = TOKENIZER.encode("good bad film")
    assert hidden(encoding, slice(1, 2)).ids.tolist() == [encoding.ids[0], UNKNOWN, encoding.ids[2]]


def test_white_space_at_the_ends_of_an_n_gram_is_seen() -> None:
    assert edges_shown(" a b\n") == "\u2423a b\u2423"
