"""The part of a text that may still change: it is found exactly, and kept in bounded space."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recurra.text.stable_prefix import shorten_tail, stable_length
from recurra.text.words import split

PIECES = [
    "<",
    "b",
    "r",
    " ",
    "/",
    ">",
    "<br />",
    "<BR>",
    "x",
    "don",
    "'",
    "’",
    "中",
    "\u0301",
    "\u093f",
    "!",
    "_",
    "\n",
]
TEXTS = st.one_of(
    st.lists(st.sampled_from(PIECES), max_size=12).map("".join),
    st.text(st.one_of(st.characters(), st.sampled_from("aZé'’ \n<br/>中\u0301.\u0130\U0001f600")), max_size=20),
)
CONTINUATIONS = ("x", "'x", ">", "/>", "r>", "br>")


@pytest.mark.parametrize(
    ("text", "tail"),
    [
        ("", ""),
        ("a film ", ""),
        ("a film", "film"),
        ("a film!", ""),
        ("I don'", "don'"),
        ("I don''", ""),
        ("a '", ""),
        ("good<", "<"),
        ("good<br \n/ ", "<br \n/ "),
        ("good<br />", ""),
        ("good<bri", "bri"),
        ("我喜欢", ""),
        ("中'", ""),
        ("e\u0301", "e\u0301"),
        ("snake_", "snake_"),
    ],
)
def test_the_unstable_tail(text: str, tail: str) -> None:
    assert text[stable_length(text) :] == tail


@settings(max_examples=250, deadline=None)
@given(TEXTS, TEXTS)
def test_what_follows_changes_nothing_that_is_stable(text: str, more: str) -> None:
    length = stable_length(text)
    assert split(text[:length]) + split(text[length:] + more) == split(text + more)


@settings(max_examples=200, deadline=None)
@given(TEXTS)
def test_the_stable_prefix_is_the_longest(text: str) -> None:
    for length in range(stable_length(text) + 1, len(text) + 1):
        parted = [split(text[:length]) + split(text[length:] + more) for more in CONTINUATIONS]
        assert parted != [split(text + more) for more in CONTINUATIONS]


@settings(max_examples=250, deadline=None)
@given(TEXTS, TEXTS)
def test_a_shortened_tail_gives_the_same_words_of_a_vocabulary_that_has_no_longer_ones(text: str, more: str) -> None:
    longest = 3
    tail = text[stable_length(text) :]
    kept = shorten_tail(tail, longest)
    assert len(kept) <= max(longest + 2, len("<br / "))
    assert stable_length(kept) == 0
    assert shorten_tail(kept, longest) == kept

    def known(tokens: list[str]) -> list[str]:
        return [token if len(token) <= longest else "unknown" for token in tokens]

    assert known(split(kept + more)) == known(split(tail + more))


@pytest.mark.parametrize(("unit", "after"), [("ab", " "), ("ab'", "c"), ("_", "z"), ("\u093f", "!"), ("a", "'")])
def test_an_endless_word_stays_small(unit: str, after: str) -> None:
    tail, whole = "", ""
    for _ in range(500):
        whole += unit
        tail = shorten_tail(tail + unit, 10)
        assert len(tail) <= 12
    assert len(split(tail + after)) == len(split(whole + after))


def test_an_endless_line_break_stays_small() -> None:
    tail = "<br"
    for _ in range(500):
        tail = shorten_tail(tail + " \t\n", 10)
        assert stable_length(tail) == 0
    assert tail == "<br "
    assert split(tail + "/>good") == ["good"]
    assert split(tail + "good") == ["<", "br", "good"]
