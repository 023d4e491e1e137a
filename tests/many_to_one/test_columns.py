"""Guessing columns: only where it is obvious, and saying what was found where it is not."""

from __future__ import annotations

import pytest

from recurra.errors import ColumnError
from recurra.many_to_one.columns import Columns, choose_columns

BOTH = ("text", "label")


@pytest.mark.parametrize(
    ("found", "text", "label", "guessed"),
    [
        (("review", "sentiment"), "review", "sentiment", BOTH),
        (("review", "sentiment", "split", "stars", "id"), "review", "sentiment", BOTH),
        (("text", "label", "source"), "text", "label", BOTH),
        (("label", "fine", "text"), "text", "label", BOTH),
        (("text", "category"), "text", "category", BOTH),
        (("Review Text", "Rating"), "Review Text", "Rating", BOTH),  # one is obvious, the other is the other
        (("mail", "label"), "mail", "label", BOTH),
        (("id", "Sentence", " Label "), "Sentence", " Label ", BOTH),
        (("text", "comment", "label", "class"), "text", "label", BOTH),  # the plain names win
    ],
)
def test_obvious_headers(found: tuple[str, ...], text: str, label: str, guessed: tuple[str, ...]) -> None:
    assert choose_columns(found) == Columns(text, label, guessed)


@pytest.mark.parametrize(
    ("found", "missing"),
    [
        (("a", "b"), "text and label"),
        (("review", "comment", "label"), "text"),
        (("text", "stars", "id"), "label"),
        (("text", "topic", "intent"), "label"),
        (("column0", "column1"), "text and label"),
    ],
)
def test_what_is_not_obvious_is_asked_for(found: tuple[str, ...], missing: str) -> None:
    with pytest.raises(ColumnError) as caught:
        choose_columns(found)
    message = str(caught.value)
    assert f"holds the {missing}." in message
    assert all(repr(name) in message for name in found)
    assert "--text COL --label COL" in message


def test_named_columns_are_taken_and_the_other_is_guessed() -> None:
    assert choose_columns(("a", "b", "label"), "a") == Columns("a", "label", ("label",))
    assert choose_columns(("a", "b"), "b") == Columns("b", "a", ("label",))
    assert choose_columns(("a", "b"), None, "b") == Columns("a", "b", ("text",))
    assert choose_columns(("text", "x", "y"), "y", "text") == Columns("y", "text")
    assert choose_columns(("text", "label"), "label", "text") == Columns("label", "text")


def test_without_need_of_a_label() -> None:
    assert choose_columns(("id", "text", "label"), label_needed=False) == Columns("text", None, ("text",))
    assert choose_columns(("anything",), label_needed=False) == Columns("anything", None, ("text",))
    assert choose_columns(("a", "b"), "a", "b", label_needed=False) == Columns("a", "b")
    with pytest.raises(ColumnError, match="`--text COL`"):
        choose_columns(("a", "b"), label_needed=False)


def test_missing_columns_name_those_found_and_the_nearest() -> None:
    with pytest.raises(ColumnError, match=r"no column 'revew' \(--text\)\. Did you mean 'review'.*'sentiment'"):
        choose_columns(("review", "sentiment"), "revew")
    with pytest.raises(ColumnError, match=r"no column 'stars' \(--label\)"):
        choose_columns(("review", "sentiment"), "review", "stars")


def test_doubled_and_equal_columns_are_refused() -> None:
    for arguments in ({}, {"text": "text", "label": "label"}):
        with pytest.raises(ColumnError, match="2 columns are named 'label'"):
            choose_columns(("text", "label", "label"), **arguments)
        with pytest.raises(ColumnError, match="2 columns are named 'text'"):
            choose_columns(("text", "label", "text"), **arguments)
    with pytest.raises(ColumnError, match="both name the column 'text'"):
        choose_columns(("text", "label"), "text", "text")
    assert choose_columns(("text", "label", "x", "x")).label == "label"  # doubled, but not in use


@pytest.mark.parametrize(("header", "mark"), [("review;sentiment", ";"), ("review\tsentiment", r"\t"), ("a|b", "|")])
def test_another_delimiter_is_suspected(header: str, mark: str) -> None:
    with pytest.raises(ColumnError) as caught:
        choose_columns((header,))
    assert "--delimiter" in str(caught.value)
    assert mark in str(caught.value)
