"""Symbols: rebuilt without loss, saved and loaded alike, unknown only where they must be."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recurra.errors import ArtefactError
from recurra.tasks.generate.tokenizer import (
    UNKNOWN,
    CharacterTokenizer,
    SymbolTokenizer,
    WordTokenizer,
    fit_tokenizer,
    tokenizer_from_json,
)

TEXT = (
    "To be, or not to be:\n  that's the <br> question -- n'est-ce pas?\t"
    "Étrange\u3000\U0001f600 日本語 हिन्दी\r\x0b end. \n\n"
)
TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60),
    st.text("ab'<br>/ \n\t.,é日", max_size=60),
)


def all_levels(text: str) -> list[SymbolTokenizer]:
    return [fit_tokenizer(level, text, size=400, min_count=1) for level in ("char", "word", "bpe")]


@pytest.mark.parametrize("level", ["char", "word", "bpe"])
def test_text_is_rebuilt(level: str) -> None:
    tokenizer = fit_tokenizer(level, TEXT, size=400, min_count=1)  # type: ignore[arg-type]
    ids = tokenizer.encode(TEXT)
    assert ids.dtype == np.int32
    assert ids.min() > UNKNOWN
    assert ids.max() < tokenizer.size
    assert tokenizer.decode(ids) == TEXT
    assert tokenizer.unknown(TEXT) == []


@given(TEXTS)
def test_any_text_is_rebuilt_at_every_level(text: str) -> None:
    if text:
        for tokenizer in (CharacterTokenizer.fit(text), WordTokenizer.fit(text, size=1000, min_count=1)):
            assert tokenizer.decode(tokenizer.encode(text)) == text


@given(TEXTS)
def test_pieces_rebuild_what_they_never_saw(text: str) -> None:
    assert SUBWORDS.decode(SUBWORDS.encode(text)) == text


SUBWORDS = fit_tokenizer("bpe", TEXT * 3, size=300, min_count=1)


@given(TEXTS, TEXTS)
def test_loaded_is_saved(text: str, other: str) -> None:
    for tokenizer in (CharacterTokenizer.fit(text), WordTokenizer.fit(text, size=5, min_count=1), SUBWORDS):
        loaded = tokenizer_from_json(tokenizer.to_json())
        assert (loaded.level, loaded.size) == (tokenizer.level, tokenizer.size)
        np.testing.assert_array_equal(loaded.encode(other), tokenizer.encode(other))
        assert loaded.unknown(other) == tokenizer.unknown(other)


def test_what_training_never_saw_is_unknown_and_named_once() -> None:
    characters = CharacterTokenizer.fit("abcabca")
    assert characters.encode("axbxñ").tolist() == [1, 0, 2, 0, 0]
    assert characters.unknown("axbxñ") == ["x", "ñ"]
    words = WordTokenizer.fit("the cat the dog the cat", size=10, min_count=2)
    assert words.symbols == [" cat", " the"]
    assert words.unknown("the the cat") == ["the"]
    assert words.decode([0, 1]) == "\ufffd cat"


def test_the_commonest_come_first_and_few_are_kept() -> None:
    words = WordTokenizer.fit("a b b c c c", size=2, min_count=1)
    assert words.symbols == [" c", " b"]
    assert CharacterTokenizer.fit("zzy").symbols == ["z", "y"]


def test_a_text_begins_after_a_line_end_where_there_is_one() -> None:
    characters = CharacterTokenizer.fit("aaa\nb")
    assert characters.symbols[characters.start() - 1] == "\n"
    assert CharacterTokenizer.fit("aab").start() == 1
    assert SUBWORDS.decode([SUBWORDS.start()]).endswith("\n")


def test_characters_of_several_bytes_are_written_whole() -> None:
    detokenizer = SUBWORDS.detokenizer()
    written = [detokenizer.write(int(number)) for number in SUBWORDS.encode("日🙂")]
    assert "".join(written) == "日🙂"
    assert "" in written
    broken = SUBWORDS.detokenizer()
    broken.write(int(SUBWORDS.encode("🙂")[0]))
    assert broken.end() == "\ufffd"


@pytest.mark.parametrize(
    "plain",
    [
        "[]", "{}", "{", '{"kind": "other-1", "symbols": []}', '{"kind": "characters-1", "symbols": ["ab"]}',
        '{"kind": "characters-1", "symbols": ["a", "a"]}', '{"kind": "spaced-words-1", "symbols": [""]}',
        '{"kind": "spaced-words-1", "symbols": [3]}', '{"kind": "pieces-1", "pieces": {}}', "[" * 100_000,
    ],
)  # fmt: skip
def test_anything_else_is_refused(plain: str) -> None:
    with pytest.raises(ArtefactError, match=r"tokenizer\.json"):
        tokenizer_from_json(plain)


def test_saved_is_plain_ascii() -> None:
    for tokenizer in all_levels(TEXT):
        assert tokenizer.to_json().isascii()
        json.loads(tokenizer.to_json())


def test_long_texts_are_encoded_in_blocks() -> None:
    text = "".join(np.random.default_rng(0).choice(list("ab c\n"), 150_000))
    characters, words = CharacterTokenizer.fit("abc"), WordTokenizer.fit(text, size=10**6, min_count=1)
    assert characters.encode(text).tolist() == ["?abc".find(c) if c in "abc" else 0 for c in text]
    assert words.decode(words.encode(text)) == text
