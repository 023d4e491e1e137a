"""The page of an alignment: a row for each written word, a cell for each read one, and no mark-up from either."""

from __future__ import annotations

import html
import re

import numpy as np

from recurra.tasks.translate.attention_page import page
from recurra.tasks.translate.explain import GIVEN
from recurra.tasks.translate.model import Alignment
from support.outline import HOSTILE, Outline, assert_harmless


def test_cells_are_as_dark_as_the_attention() -> None:
    weights = np.array([[0.75, 0.2, 0.05], [0.0, 0.1, 0.9]], dtype=np.float32)
    source = page(Alignment(("der", "Hund", "läuft"), ("dog", "runs"), weights), 10)
    shades = re.findall(r'--s:([\d.]+)" title="(\d+)%">(\d*)<', source)
    assert shades == [
        ("0.75", "75", "75"), ("0.20", "20", "20"), ("0.05", "5", ""), ("0.00", "0", ""), ("0.10", "10", "10"),
        ("0.90", "90", "90"),
    ]  # fmt: skip
    assert re.findall(r'scope="(col|row)">(\w+)<', source) == [
        ("col", "der"), ("col", "Hund"), ("col", "läuft"), ("row", "dog"), ("row", "runs"),
    ]  # fmt: skip


def test_the_largest_have_their_number_and_a_given_translation_is_said_to_be_one() -> None:
    weights = np.array([[0.45, 0.35, 0.2]], dtype=np.float32)
    alignment = Alignment(("der", "Hund", "läuft"), ("runs",), weights)
    assert re.findall(r'%">(\d*)<', page(alignment, 2)) == ["45", "35", ""]
    assert html.escape(GIVEN) in page(alignment, 2, given=True)
    assert html.escape(GIVEN) not in page(alignment, 2)


def test_words_are_text_and_nothing_is_loaded() -> None:
    words = (HOSTILE, "\ud800", "a\x00b")
    source = page(Alignment(words, words, np.full((3, 3), 1 / 3, dtype=np.float32)), 10)
    assert_harmless(source)
    source.encode("utf-8")
    assert "(nothing was written)" in Outline(page(Alignment(("a",), (), np.zeros((0, 1), np.float32)), 10)).text
