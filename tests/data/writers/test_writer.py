"""Columns of answers: what is kept, its value and its cell; and names that no column has yet."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recurra.data.writers.writer import AnswerColumn, free_names


@pytest.mark.parametrize(
    ("column", "kept", "value", "text"),
    [
        (AnswerColumn("a"), "x", "x", "x"),
        (AnswerColumn("a", "texts"), ["x", "y"], ["x", "y"], "x y"),
        (AnswerColumn("a", "number"), 0.123456789, 0.123456789, "0.123457"),
        (AnswerColumn("a", "flag"), True, True, "True"),
        (AnswerColumn("a", labels=[10, 20]), 1, 20, "20"),
        (AnswerColumn("a", "texts", labels=["N", "V"]), [1, 0, 1], ["V", "N", "V"], "V N V"),
    ],
)
def test_values_cells_and_types(column: AnswerColumn, kept: Any, value: Any, text: str) -> None:
    assert column.value(kept) == value
    assert column.as_text(value) == text
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE t (a {column.sql_type})")
        connection.execute("INSERT INTO t VALUES (?)", [kept])
        assert connection.execute("SELECT a FROM t").fetchone() == (kept,)


NAMES = st.lists(st.sampled_from(["label", "Label", "label_", "label__", "text", ""]))


@given(NAMES, NAMES, st.sampled_from([str, str.casefold]))
def test_free_names_are_new_and_begin_as_they_should(names: list[str], taken: list[str], key: Any) -> None:
    free = free_names(names, taken, key)
    for place, (name, found) in enumerate(zip(names, free, strict=True)):
        before = {key(one) for one in [*taken, *free[:place]]}
        assert found == name + "_" * (len(found) - len(name))
        assert key(found) not in before
        assert all(key(name + "_" * more) in before for more in range(len(found) - len(name)))
