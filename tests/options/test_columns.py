"""Columns that an option names, and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recurra.many_to_one.options import TextOptions
from recurra.options.columns import as_named, column_names, named_columns

NAMES = st.text(st.characters(exclude_characters="\r\n\0"), min_size=1, max_size=8).filter(lambda name: name.strip())


def test_names_between_commas() -> None:
    assert column_names('toxic, insult,"a, b"') == ["toxic", "insult", "a, b"]
    assert column_names(" , ") == [] and column_names("") == []


def test_a_name_that_is_there_as_written_wins() -> None:
    assert named_columns("a,b", ["a,b", "a", "b"]) == ("a,b",)
    assert named_columns("a,b", ["a", "b"]) == ("a", "b")
    assert named_columns('"a,b",c', ["a,b", "c"]) == ("a,b", "c")
    assert named_columns("plain", []) == ("plain",)


@given(st.lists(NAMES.map(str.strip), min_size=2, max_size=4, unique=True))
def test_columns_are_named_and_read_again(names: list[str]) -> None:
    assert named_columns(as_named(names), names) in [tuple(names), (as_named(names),)]
    assert named_columns(as_named(names), []) == tuple(names)


@pytest.mark.parametrize("given_columns", [["title", "body, long"], ("title", "body, long")])
def test_a_config_file_may_have_a_list(given_columns: object) -> None:
    assert TextOptions.model_validate({"text": given_columns}).text == 'title,"body, long"'
    assert TextOptions.model_validate({"text": ["a,b"]}).text == "a,b"
