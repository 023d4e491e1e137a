"""The model card: says the same as the report, and user text cannot become mark-up."""

from __future__ import annotations

import re
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from recurra.report.card import escaped, model_card


def test_says_what_was_measured(binary: dict[str, Any]) -> None:
    card = model_card(binary)
    page = MarkdownIt().enable("table").render(card)
    for words in (
        "<h1>imdb classifier</h1>",
        "Yes: it beats a simple baseline",
        "negative, positive",
        "<table>",
        "Brier",
    ):
        assert words in page
    assert "recurra train imdb --text review" in page
    assert 'recurra.load("."' in card


def test_bears_missing_parts(binary: dict[str, Any]) -> None:
    assert "Not judged yet" in model_card({})
    for missing in list(binary):
        assert model_card({k: v for k, v in binary.items() if k != missing}).startswith("# ")


@given(st.one_of(st.text(st.characters(), max_size=40), st.text("<>[]()!`*_~|\\&;#-+.:/ab\n ", max_size=40)))
def test_user_text_is_shown_as_it_is(text: str) -> None:
    page = MarkdownIt("default", {"html": True, "linkify": False}).render("x" + escaped(text) + "x")
    plain = page.replace("&lt;", "").replace("&gt;", "").replace("&amp;", "").replace("&quot;", "")
    assert plain.startswith("<p>x")
    assert plain.endswith("x</p>\n")
    assert "<" not in plain[3:-5]
    assert "&" not in plain


@given(st.text("<>[]()!`*_~|\\&;#-+=.:/12ab\t ", min_size=1, max_size=12).filter(str.strip))
def test_user_text_starts_no_list_or_heading(text: str) -> None:
    tags = re.findall("<[^>]*>", MarkdownIt("default", {"html": True}).render(escaped(text)))
    assert tags == ["<p>", "</p>"]


def test_hostile_labels_and_commands_stay_text(binary: dict[str, Any]) -> None:
    hostile = "<script>alert(1)</script> [x](javascript:alert(2)) | a\n# b ![i](http://e.x/i.png)"
    binary["labels"] = [hostile, "b"]
    binary["command"] = binary["data"]["name"] = binary["data"]["how"] = binary["baseline"]["name"] = hostile
    page = MarkdownIt("default", {"html": True}).render(model_card(binary))
    assert "<script" not in page
    assert "<img" not in page
    assert "<a " not in page
    assert page.count("<h1>") == 1
    binary["command"] = "a ```` b"
    assert "`````sh\na ```` b\n`````" in model_card(binary)
