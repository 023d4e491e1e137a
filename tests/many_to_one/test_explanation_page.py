"""The parts of the page of an explanation escape what is a user's, and write numbers in the form that is asked for."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from recurra.many_to_one.explanation_page import coloured, contributions, escaped, folded, notes
from recurra.many_to_one.occlusion import Contribution

WORDS = (Contribution(0, 4, "<b>&", 2.0), Contribution(5, 8, "bad", -1.0), Contribution(9, 13, "film", 0.001))


def explanation(**changes: Any) -> Any:
    plain = {
        "text": "<b>& bad film",
        "words": WORDS,
        "span": 1,
        "tokens": 3,
        "truncated": False,
        "nothing_known": False,
    }
    return SimpleNamespace(**(plain | changes))


def test_words_are_marked_by_what_they_do_and_faint_ones_are_not() -> None:
    shown = coloured(explanation(), 2.0, "{:+.3g}")
    assert '<mark class="for" style="--s:1.00" title="+2">&lt;b&gt;&amp;</mark>' in shown
    assert '<mark class="against" style="--s:0.50" title="-1">bad</mark>' in shown
    assert shown.endswith(" film")


def test_tables_hold_the_numbers_and_are_left_out_without_rows() -> None:
    table = contributions("Words", "word", WORDS, None)
    assert '<td class="number">+2.00</td>' in table
    assert "&lt;b&gt;&amp;" in table
    assert contributions("Words", "word", (), None) == ""
    assert folded("All", "") == ""
    assert folded("All", table).startswith("<details><summary>All</summary>")
    assert escaped("<") == "&lt;"


def test_what_was_not_read_is_told() -> None:
    told = " ".join(notes(explanation(truncated=True, span=3, tokens=5000)))
    assert "5,000 words" in told
    assert "3 neighbouring words" in told
    assert notes(explanation(words=())) == ["The text has no words."]
    assert len(notes(explanation(nothing_known=True))) == 1
    assert notes(explanation()) == []
