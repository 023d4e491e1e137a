"""Parquet files written by polars and DuckDB are read back equal, in order; damaged ones are refused."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import duckdb
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recurra.data.tables.readers import open_table
from recurra.data.tables.table import Table
from recurra.errors import ColumnError, ReadError


def rows(table: Table, size: int = 1024) -> list[tuple[str | None, ...]]:
    return [row for batch in table.batches(table.columns, size) for row in batch]


@settings(max_examples=40, deadline=None)
@given(
    body=st.lists(
        st.tuples(st.none() | st.text(st.characters(exclude_categories=["Cs"])), st.text("NAnul0 ", max_size=4)),
        min_size=1,
        max_size=12,
    ),
    size=st.integers(1, 5),
    group=st.integers(1, 5),
)
def test_what_polars_writes_is_read_back(body: list[tuple[str | None, str]], size: int, group: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "t.parquet"
        schema = {"text": pl.String, "label": pl.String}
        pl.DataFrame(body, schema=schema, orient="row").write_parquet(path, row_group_size=group)
        table = open_table(path)
        assert table.columns == ("text", "label")
        assert rows(table, size) == body


def test_order_is_kept_over_many_row_groups(tmp_path: Path) -> None:
    pl.DataFrame({"n": range(20_000)}).write_parquet(tmp_path / "t.parquet", row_group_size=500)
    assert [int(row[0] or "") for row in rows(open_table(tmp_path / "t.parquet"), 777)] == list(range(20_000))


def test_numbers_become_text_and_binary_is_utf_8(tmp_path: Path) -> None:
    frame = pl.DataFrame({"i": [1, None], "f": [1.5, 2.0], "b": [True, False], "raw": ["é".encode(), b"x"]})
    frame.write_parquet(tmp_path / "t.parquet")
    assert rows(open_table(tmp_path / "t.parquet")) == [("1", "1.5", "true", "é"), (None, "2.0", "false", "x")]


def test_a_path_with_wildcards_is_that_file(tmp_path: Path) -> None:
    for name in ("a*[1]?'.parquet", "a2.parquet"):
        pl.DataFrame({"name": [name]}).write_parquet(str(tmp_path / "plain"))
        (tmp_path / "plain").rename(tmp_path / name)
    assert rows(open_table(tmp_path / "a*[1]?'.parquet")) == [("a*[1]?'.parquet",)]


def test_columns_with_odd_names(tmp_path: Path) -> None:
    pl.DataFrame({'a "b"': ["x"], "": ["y"]}).write_parquet(tmp_path / "t.parquet")
    table = open_table(tmp_path / "t.parquet")
    assert list(table.batches([table.columns[1], 'a "b"'])) == [[("y", "x")]]
    with pytest.raises(ColumnError, match="no column 'c'"):
        next(table.batches(["c"]))


def test_nested_values_are_refused_only_where_asked_for(tmp_path: Path) -> None:
    pl.DataFrame({"text": ["a"], "list": [[1]], "struct": [{"x": 1}]}).write_parquet(tmp_path / "t.parquet")
    table = open_table(tmp_path / "t.parquet")
    assert list(table.batches(["text"])) == [[("a",)]]
    with pytest.raises(ReadError, match=r"row 1: the column .list. holds nested values.*give --task multilabel"):
        next(table.batches(["list"]))
    with pytest.raises(ColumnError, match=r"Did you mean 'struct\.x'"):
        next(table.batches(["struct"]))


def test_damaged_files_are_refused_in_words(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    pl.DataFrame({"text": ["some words " * 50 + str(n) for n in range(3000)]}).write_parquet(path)
    whole = path.read_bytes()
    for content in (b"text,label\n", whole[:-100], whole[:200], b"PAR1"):
        path.write_bytes(content)
        with pytest.raises(ReadError, match=r"t\.parquet.*not a.*Parquet file") as caught:
            open_table(path)
        assert "recurra-" not in str(caught.value)
    path.write_bytes(whole[:300] + b"\xff" * 400 + whole[700:])
    with pytest.raises(ReadError, match=r"t\.parquet: not a sound Parquet file \(.*(?i:decompress|corrupt)"):
        rows(open_table(path))


def test_columns_without_rows_are_refused(tmp_path: Path) -> None:
    duckdb.sql("SELECT 'a' AS text WHERE false").write_parquet(str(tmp_path / "t.parquet"))
    with pytest.raises(ReadError, match=r"has columns \('text'\) but no rows"):
        rows(open_table(tmp_path / "t.parquet"))


def test_fields_of_structs_are_columns(tmp_path: Path) -> None:
    rows_of = {
        "data": [{"text": "a", "the 'n'": {"x": 1}}, {"text": None, "the 'n'": {"x": 2}}, None],
        "data.x": list("abc"),
    }
    pl.DataFrame(rows_of).write_parquet(tmp_path / "t.parquet")
    table = open_table(tmp_path / "t.parquet")
    assert table.columns == ("data.text", "data.the 'n'.x", "data.x")
    assert rows(table) == [("a", "1", "a"), (None, "2", "b"), (None, None, "c")]


def test_a_column_wins_over_a_field_of_its_name(tmp_path: Path) -> None:
    pl.DataFrame({"a": [{"b": "inner"}], "a.b": ["plain"]}).write_parquet(tmp_path / "t.parquet")
    assert list(open_table(tmp_path / "t.parquet").batches(["a.b"])) == [[("plain",)]]


def test_a_name_of_bytes_that_are_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    pl.DataFrame({"textual": ["a", "b"]}).write_parquet(path)
    path.write_bytes(path.read_bytes().replace(b"textual", b"te\xff\xffual"))
    with pytest.raises(ReadError, match="not a sound Parquet file"):
        open_table(path)


def test_lists_are_given_as_json_where_that_is_asked_for(tmp_path: Path) -> None:
    labels = [["a", 'b "c", d'], [], None, ["é", None]]
    pl.DataFrame({"text": ["w", "x", "y", "z"], "label": labels, "ids": [[1, 2], [3], [], None]}).write_parquet(
        tmp_path / "t.parquet"
    )
    table = open_table(tmp_path / "t.parquet")
    table.lists_as_json = frozenset({"label", "ids"})
    found = rows(table)
    assert [text for text, _, _ in found] == ["w", "x", "y", "z"]
    assert [None if value is None else json.loads(value) for _, value, _ in found] == labels
    assert [value for _, _, value in found] == ["[1,2]", "[3]", "[]", None]
    table.lists_as_json = frozenset({"label"})
    with pytest.raises(ReadError, match="nested values"):
        rows(table)
