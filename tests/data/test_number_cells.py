"""Cells with numbers: those that are read, those left out and counted, and the advice for those refused."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recurra.data.number_cells import NumberColumn
from recurra.errors import DataError


@pytest.mark.parametrize(
    ("cell", "value"), [("4", 4), (" -0.5 ", -0.5), ("1e3", 1000), ("+.5", 0.5), ("1234.5", 1234.5), ("\u0664", 4)]
)
def test_numbers_are_read(cell: str, value: float) -> None:
    assert NumberColumn("stars").read(cell, 1) == value


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_what_python_writes_is_read_back(value: float) -> None:
    assert NumberColumn("stars").read(repr(value), 1) == value


@given(st.text(max_size=20))
def test_any_text_is_a_finite_number_left_out_or_refused(cell: str) -> None:
    column, value, refused = NumberColumn("stars"), None, ""
    try:
        value = column.read(cell, 3)
    except DataError as error:
        refused = str(error)
    left_out = column.missing + column.infinite
    assert [value is not None, left_out == 1, "row 3" in refused].count(True) == 1
    assert value is None or math.isfinite(value)


def test_missing_and_infinite_cells_are_counted_with_their_rows() -> None:
    column = NumberColumn("price")
    cells = ["1", None, "", "  ", "NA", "nan", "-inf", "1e999", "Infinity", "2"]
    found = [column.read(cell, row) for row, cell in enumerate(cells, 1)]
    assert found == [1, *[None] * 8, 2]
    assert column.report() == {
        "missing": 5,
        "infinite": 3,
        "examples": {"missing": [2, 3, 4, 5, 6], "infinite": [7, 8, 9]},
    }


@pytest.mark.parametrize(
    ("cell", "advice"),
    [
        ("1,234", "separators of thousands"),
        ("1,234.5", "separators of thousands"),
        ("1 234", "separators of thousands"),
        ("1'234'567", "separators of thousands"),
        ("1_000", "separators of thousands"),
        ("1.234.567", "separators of thousands"),
        ("1.234,5", "separators of thousands"),
        ("4,5", "decimal point, not a comma"),
        ("-0,25", "decimal point, not a comma"),
        ("$5", "without a unit"),
        ("5 €", "without a unit"),
        ("4 stars", "without a unit"),
        ("good", "--task classify"),
        ("4/5", "--task classify"),
    ],
)
def test_what_is_refused_says_where_and_what_to_do(cell: str, advice: str) -> None:
    with pytest.raises(DataError) as refused:
        NumberColumn("stars").read(cell, 1234)
    assert str(refused.value).startswith(f"The column 'stars' holds {cell!r} in row 1,234.")
    assert advice in str(refused.value)
