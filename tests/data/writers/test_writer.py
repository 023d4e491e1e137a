"""Columns of answers: what is kept, its value and its cell; and names that no column has yet."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recurra.data.writers.writer import AnswerColumn, free_name


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


@given(st.lists(st.sampled_from(["label", "label_", "label__", "text", ""])))
def test_a_free_name_is_new_and_begins_as_it_should(taken: list[str]) -> None:
    name = free_name("label", taken)
    assert name not in taken
    assert name.rstrip("_") == "label"
    assert all("label" + "_" * n in taken for n in range(len(name) - len("label")))
