"""The rows of a long table, in the order of the file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recurra.data.series.long_rows import constant, read_long_rows
from recurra.data.tables.readers import open_table
from recurra.data.tables.table import Table
from recurra.errors import ColumnError, DataError, ReadError


def table(folder: Path, content: str) -> Table:
    path = folder / "rows.csv"
    path.write_text(content, encoding="utf-8")
    return open_table(path)


def test_rows_keep_their_order_and_what_is_missing(tmp_path: Path) -> None:
    rows = read_long_rows(table(tmp_path, "who,when,y,z\nb,2,1.5,\na,1,,7\nb,1,-2,8\n"), "who", "when", ["z", "y"])
    assert rows.names == ["b", "a"] and rows.codes.tolist() == [0, 1, 0]
    assert rows.times == ["2", "1", "1"] and rows.channels == ["z", "y"]
    np.testing.assert_array_equal(rows.values, [[np.nan, 1.5], [7, np.nan], [8, -2]])


def test_without_a_column_of_names_all_rows_are_of_one_series(tmp_path: Path) -> None:
    rows = read_long_rows(table(tmp_path, "when,y\n1,5\n2,6\n"), None, "when", ["y"], name="sales")
    assert rows.names == ["sales"] and rows.codes.tolist() == [0, 0]


def test_a_constant_is_one_for_each_series_in_their_order(tmp_path: Path) -> None:
    given = table(tmp_path, "who,when,y,size\nb,1,1,big\na,1,2,small\nb,2,3,big\n")
    rows = read_long_rows(given, "who", "when", ["y"], ["size"])
    order = np.argsort(rows.codes, kind="stable")
    assert constant(given, rows, "size", order) == ["big", "small"]


def test_a_constant_that_varies_is_named_with_its_row(tmp_path: Path) -> None:
    given = table(tmp_path, "who,when,y,size\na,1,1,big\nb,1,2,small\na,2,3,huge\n")
    rows = read_long_rows(given, "who", "when", ["y"], ["size"])
    with pytest.raises(DataError, match=r"'size' must have one value .* 'big' and 'huge' in series 'a' \(row 3\)"):
        constant(given, rows, "size", np.argsort(rows.codes, kind="stable"))


@pytest.mark.parametrize(
    ("content", "values", "error", "words"),
    [
        ("who,when,y\n,1,2\n", ["y"], ReadError, "row 1: no name of its series in the column 'who'"),
        ("who,when,y\na,1,2\na,2,x\n", ["y"], ReadError, "row 2: the column 'y' holds 'x', which is no number"),
        ("who,when,y\na,1,2\n", ["when"], ColumnError, "'when' cannot be a channel as well"),
        ("who,when,y\na,1,2\n", ["q"], ColumnError, "q"),
    ],
)
def test_what_cannot_be_read_is_named(
    content: str, values: list[str], error: type[Exception], words: str, tmp_path: Path
) -> None:
    with pytest.raises(error, match=words):
        read_long_rows(table(tmp_path, content), "who", "when", values)


CELLS = st.tuples(st.sampled_from("abc"), st.floats(-1e6, 1e6, allow_nan=False))


@given(rows=st.lists(CELLS, min_size=1, max_size=40))
def test_any_rows_come_back(rows: list[tuple[str, float]], tmp_path_factory: pytest.TempPathFactory) -> None:
    content = "who,when,y\n" + "".join(f"{name},{place},{value!r}\n" for place, (name, value) in enumerate(rows))
    found = read_long_rows(table(tmp_path_factory.mktemp("rows"), content), "who", "when", ["y"])
    assert [found.names[code] for code in found.codes] == [name for name, _ in rows]
    np.testing.assert_array_equal(found.values[:, 0], [value for _, value in rows])
