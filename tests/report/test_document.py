"""The frame of a page: any title, no script, nothing loaded."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from recurra.report.document import document
from support.outline import HOSTILE, Outline, assert_harmless


@given(st.text())
def test_any_title_gives_a_page_that_can_be_encoded(title: str) -> None:
    page = document(title, "p{color:red}", "<h1>One</h1>")
    page.encode("utf-8")
    assert page.count("<title>") == page.count("</title>") == 1
    assert [tag for tag, _ in Outline(page).tags if tag == "h1"] == ["h1"]


def test_a_hostile_title_is_text() -> None:
    assert_harmless(document(HOSTILE, "", "<h1>One</h1>"))
