"""The blocks of a report: tables, quotes, tiles and boxes, with every text escaped."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup, escape

from recurra.report.blocks import boxed, bullets, quotes, table, tiles
from recurra.report.wording import clean

TEXT = st.text(st.characters(codec="utf-8"), max_size=8)


@given(st.lists(st.tuples(TEXT, TEXT, st.integers()), max_size=4), st.integers(0, 3))
def test_a_table_has_its_cells_in_order(rows: list[tuple[str, str, int]], numbers: int) -> None:
    markup = table(["a", "b", "<n>"], rows, numbers=numbers)
    assert markup.count("<tr>") == len(rows) + 1
    assert markup.count('class="number"') == numbers * (len(rows) + 1)
    assert "&lt;n&gt;" in markup and "<caption>" not in markup
    rest = str(markup)
    for row in rows:
        for cell in row:
            written = f">{escape(clean(cell))}</td>"
            assert written in rest
            rest = rest[rest.index(written) + len(written) :]


def test_markup_stays_and_text_does_not() -> None:
    assert "<i>x</i>" in table(["a"], [[Markup("<i>x</i>")]], "A & B")
    assert "A &amp; B" in table(["a"], [[1]], "A & B")
    assert "&lt;i&gt;" in table(["a"], [["<i>x</i>"]])


@pytest.mark.parametrize(
    "markup",
    [
        quotes([([("<b>", "<b>")], "<b>\n<b>")]),
        tiles([("<b>", "<b>")]),
        bullets(["<b>", "<b>"]),
        boxed(bullets(["<b>"])),
    ],
)
def test_no_text_opens_a_tag(markup: Markup) -> None:
    assert isinstance(markup, Markup)
    assert "&lt;b&gt;" in markup
    assert "<b><b>" not in markup and "<b>\n" not in markup


def test_one_box_is_wide_and_two_are_a_pair() -> None:
    assert boxed(Markup("a")).startswith('<div class="alone">')
    assert boxed(Markup("a"), Markup("b")).startswith('<div class="pair">')
