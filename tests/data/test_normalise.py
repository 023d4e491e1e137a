"""Texts that count as the same have one normal form, and it is its own."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from recurra.data.normalise import digest, normalise


@given(st.text())
@example("ﬁlm\u00a0 \u2003end")
def test_space_case_and_composition_do_not_matter(text: str) -> None:
    plain = normalise(text)
    assert plain == " ".join(plain.split())
    assert normalise(f"\n {text}\t ") == plain
    if not set(text) & set("<&"):
        assert normalise(plain) == plain
        assert normalise(unicodedata.normalize("NFD", text)) == normalise(unicodedata.normalize("NFC", text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A  fine<br /><br />FILM &amp; cast", "a fine film & cast"),
        ("STRASSE straße", "strasse strasse"),
        ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
        ("<!-- note -->x</p>", "x"),
        ("&lt;b&gt;", "<b>"),
        ("", ""),
    ],
)
def test_what_is_left_of_a_text(text: str, expected: str) -> None:
    assert normalise(text) == expected


@given(st.lists(st.text(st.characters(exclude_categories=[])), unique=True, max_size=20))
def test_different_texts_have_different_digests_of_64_bits(texts: list[str]) -> None:
    digests = {digest(text) for text in texts}
    assert len(digests) == len(texts)
    assert all(0 <= number < 2**64 for number in digests)
