"""Transcripts in the form in which they are learnt, and characters as symbols."""

from __future__ import annotations

import json
import unicodedata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recurra.errors import ArtefactError
from recurra.tasks.transcribe.alphabet import BLANK, Alphabet, normalised


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello,  World!", "hello world"),
        ("Don't stop -- well-known.", "don't stop well-known"),
        ("’Tis 5’o clock’", "tis 5'o clock"),
        ("E\u0301clair", "éclair"),
        (" \t\n", ""),
        ("三百，谢谢。", "三百 谢谢"),
        ("'quoted' -5", "quoted 5"),
        ("नमस्ते", "नमस्ते"),
    ],
)
def test_words_lose_case_and_punctuation_but_not_what_is_inside(text: str, expected: str) -> None:
    assert normalised(text, "words") == expected


def test_verbatim_keeps_all_but_runs_of_spaces() -> None:
    assert normalised("  Hello,\n World! ", "none") == "Hello, World!"


@given(st.text())
def test_normalising_twice_changes_nothing_more(text: str) -> None:
    for how in ("words", "none"):
        once = normalised(text, how)
        assert normalised(once, how) == once
        assert once == once.strip() and "  " not in once
    words = normalised(text, "words")
    assert all(unicodedata.category(character)[0] in "LMN" or character in " '-" for character in words)


@given(st.lists(st.text(), min_size=1))
def test_symbols_and_text_are_inverse(texts: list[str]) -> None:
    transcripts = [normalised(text, "none") for text in texts]
    alphabet = Alphabet.of(transcripts, "none")
    assert alphabet.characters == tuple(sorted({" ", *"".join(transcripts)}))
    for transcript in transcripts:
        symbols = alphabet.symbols(transcript)
        assert symbols is not None and symbols.min(initial=1) > BLANK and symbols.max(initial=0) < len(alphabet)
        assert alphabet.text(symbols) == transcript


def test_a_strange_character_has_no_symbol() -> None:
    alphabet = Alphabet.of(["abc"])
    assert alphabet.symbols("abd") is None and alphabet.unknown("abd") == {"d"}
    assert alphabet.symbols("cab a").tolist() == [4, 2, 3, 1, 2]  # type: ignore[union-attr]
    assert alphabet.space == 1


def test_the_file_gives_the_same_alphabet() -> None:
    for words in (None, ["ab", "é"]):
        alphabet = Alphabet(["é", " ", "b", "a"], "none", words)
        again = Alphabet.from_json(alphabet.to_json().encode())
        assert (again.characters, again.normalisation, again.words) == (
            alphabet.characters,
            "none",
            None if words is None else tuple(words),
        )
        assert np.array_equal(again.symbols("aé b"), alphabet.symbols("aé b"))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "change",
    [
        {"characters": ["a", "a", " "]},
        {"characters": ["ab", " "]},
        {"characters": ["a"]},
        {"characters": []},
        {"words": ["x"]},
        {"words": [""]},
        {"words": ["a a"]},
        {"normalisation": "loud"},
        {"kind": "words"},
        {"more": 1},
    ],
)
def test_another_file_is_refused(change: dict[str, object]) -> None:
    plain = {"kind": "characters", "normalisation": "words", "characters": [" ", "a"], "words": ["a"]} | change
    with pytest.raises(ArtefactError, match=r"tokenizer\.json"):
        Alphabet.from_json(json.dumps(plain).encode())
