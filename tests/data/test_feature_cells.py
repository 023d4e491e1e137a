"""What a cell beside the text says."""

from __future__ import annotations

import csv
import json
import math
import tempfile
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from recurra.data.feature_cells import number_in, spelled
from recurra.data.tables.readers import open_table
from recurra.many_to_one.given import rows_of


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        *((missing, None) for missing in (None, "", "  ", "NA", "null", math.nan, pd.NA, pd.NaT, np.float32("nan"))),
        (" a b ", "a b"), (3, "3"), (3.0, "3"), (np.int64(3), "3"), (np.float64(2.5), "2.5"), (True, "true"),
        (np.bool_(False), "false"), (Decimal("1.50"), "1.5"), (date(2024, 5, 1), "2024-05-01"), (math.inf, "inf"),
        (1e300, "1e+300"), ("1.0", "1"), ("1.", "1"), (".50", "0.5"), ("-0.0", "0"), ("-0", "0"), (-0.0, "0"),
        ("1e3", "1000"), ("2.50", "2.5"), ("1E300", "1e+300"), (2.0**53, "9007199254740992"), (np.float32(0.1), "0.1"),
        *((same, same) for same in ("007", "00.5", "+1", "1e400", "1_0", "1,0", "1.2.3", "-", ".", "e5", "\u0661.0")),
        *((same, same) for same in ("12345678901234567890", "v1.0", "1.0 kg", "0x1")),
    ],
)  # fmt: skip
def test_a_value_is_spelled_as_in_a_csv(cell: object, value: str | None) -> None:
    assert spelled(cell) == value


@pytest.mark.parametrize("cell", [[1], {"a": 1}, object(), b"x"])
def test_a_value_of_another_kind_is_refused(cell: object) -> None:
    with pytest.raises(ValueError, match="no number and no text"):
        spelled(cell)


@given(st.floats() | st.integers(-(10**20), 10**20))
def test_a_number_is_read_as_it_was(number: float) -> None:
    text = spelled(number)
    if text is None:
        assert math.isnan(number)
    elif math.isinf(float(number)):
        assert math.isnan(number_in(text))
    else:
        assert number_in(text) == float(number)


@pytest.mark.parametrize("text", ["1,5", "1_000", "abc", "2024-05-01", "3 EUR", "0x10", "1e"])
def test_what_is_no_number(text: str) -> None:
    with pytest.raises(ValueError, match="which is no number"):
        number_in(text)


@pytest.mark.parametrize("text", ["inf", "-Infinity", "1e400", "nan"])
def test_a_number_that_is_infinite_is_missing(text: str) -> None:
    assert math.isnan(number_in(text))


def in_files(cells: list[Any]) -> dict[str, list[str | None]]:
    """Return a column of cells as tables of each kind have it."""
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in ("t.csv", "t.jsonl", "t.parquet"):
            path = Path(folder) / name
            if name == "t.parquet":
                pl.DataFrame({"text": ["a"] * len(cells), "x": cells}, strict=False).write_parquet(path)
            else:
                with path.open("w", encoding="utf-8", newline="") as file:
                    if name == "t.csv":
                        csv.writer(file).writerows([["text", "x"], *(["a", cell] for cell in cells)])
                    else:
                        file.writelines(json.dumps({"text": "a", "x": cell}) + "\n" for cell in cells)
            table = open_table(path)
            found[name] = [row[0] for batch in table.batches(["x"]) for row in batch]
    return found


@settings(max_examples=25, deadline=None)
@example(cells=[1.0, 2.5, 1e15, 1e16, 1e22, -0.0, 1e-7])
@given(
    cells=st.lists(st.none() | st.floats(allow_nan=False, allow_infinity=False), min_size=2, max_size=9)
    | st.lists(st.integers(-(2**63), 2**63 - 1), min_size=2, max_size=9)
    | st.lists(st.text("01.e-+7 a", max_size=6), min_size=2, max_size=9)
    | st.lists(st.booleans(), min_size=2, max_size=9)
)
def test_a_cell_is_the_same_wherever_it_comes_from(cells: list[Any]) -> None:
    wanted = [spelled(cell) for cell in cells]
    frames = [pd.DataFrame({"x": pd.Series(cells)}), pl.DataFrame({"x": cells}, strict=False)]
    doors: dict[str, list[Any]] = {"http": json.loads(json.dumps(cells)), **in_files(cells)}
    doors |= {str(type(frame)): [row["x"] for row in rows_of(frame, ["x"])] for frame in frames}
    for door, read in doors.items():
        if all(isinstance(cell, bool) for cell in cells) and door == "t.csv":
            read = [str(cell).lower() for cell in read]  # Python's True; a category's case does not count
        assert [spelled(cell) for cell in read] == wanted, door


@given(st.floats(allow_nan=False) | st.integers() | st.text("0123456789.eE+-", max_size=9))
def test_a_spelling_is_its_own_spelling(cell: object) -> None:
    once = spelled(cell)
    assert once is None or spelled(once) == once
