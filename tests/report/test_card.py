"""User text in a model card cannot become mark-up."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from recurra.report.card import escaped


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
