"""Where words begin and end: the splitting rule, and offsets."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recurra.text import words as word_patterns
from recurra.text.words import split, split_with_offsets

TEXTS = st.text(
    st.one_of(st.characters(), st.sampled_from("aZéß'’ \n<br/>中あ\u0301\u093f,.!\u0130\U0001f600")), max_size=60
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It's GOOD, isn’t it?", ["It's", "GOOD", ",", "isn’t", "it", "?"]),
        ("one<br />two<BR>three<br/>", ["one", "two", "three"]),
        ("<b>bold</b>", ["<", "b", ">", "bold", "<", "/", "b", ">"]),
        ("3.5/10 stars_x", ["3", ".", "5", "/", "10", "stars_x"]),
        ("नमस्ते दुनिया", ["नमस्ते", "दुनिया"]),
        ("我喜欢 film 这个", ["我", "喜", "欢", "film", "这", "个"]),
        ("e\u0301te\u0301", ["e\u0301te\u0301"]),
        ("'quoted'", ["'", "quoted", "'"]),
        ("   ", []),
        ("", []),
        ("\ud800 lone", ["\ud800", "lone"]),
    ],
)
def test_split(text: str, expected: list[str]) -> None:
    assert split(text) == expected


@given(TEXTS)
def test_offsets_point_into_the_text_as_given(text: str) -> None:
    found = split_with_offsets(text)
    assert [token for token, _, _ in found] == split(text)
    assert all(text[start:end] == token for token, start, end in found)
    assert all(before[2] <= after[1] for before, after in pairwise(found))


@given(TEXTS)
def test_nothing_but_white_space_and_breaks_is_lost(text: str) -> None:
    rest = re.sub(r"<br\s*/?\s*>", "", text, flags=re.IGNORECASE)
    assert "".join(split(text)) == "".join(c for c in rest if not c.isspace() and not re.match(r"\s", c))


@given(TEXTS)
def test_the_fast_rule_is_the_careful_rule(text: str) -> None:
    search, careful = word_patterns._special()
    if not search.search(text):
        assert word_patterns._PLAIN.tokens.findall(text) == careful.tokens.findall(text)


@given(TEXTS, st.integers(0, 12))
def test_a_long_text_is_split_in_blocks_as_in_one_piece(text: str, block: int) -> None:
    whole = [token for token, _, _ in split_with_offsets(text)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(word_patterns, "BLOCK_CHARACTERS", block)
        assert split(text) == whole


@pytest.mark.parametrize("unit", ["a", "it's ", "<br ", "中", "a\u0301", " ", "....", "don’", "\U0001f600"])
def test_long_texts_without_a_place_to_cut_are_split_alike(unit: str) -> None:
    text = unit * (3 * word_patterns.BLOCK_CHARACTERS)
    assert split(text) == [token for token, _, _ in split_with_offsets(text)]
