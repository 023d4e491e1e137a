"""Long tables: order, duplicates, constants that vary, and which columns are channels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recurra.data.series.long_frame import read_long_frame
from recurra.data.series.series_set import SeriesSet
from recurra.data.tables.readers import open_table
from recurra.errors import ColumnError, DataError, ReadError


def read(folder: Path, content: str, name: str = "t.csv", **options: Any) -> SeriesSet:
    path = folder / name
    path.write_text(content)
    chosen = {"id_": None, "time": None, "values": None, "constants": ()} | options
    return read_long_frame(open_table(path), **chosen)


def test_rows_in_any_order(tmp_path: Path) -> None:
    found = read(
        tmp_path, "unique_id,ds,y,x,label\nb,2,4,40,no\na,10,2,20,yes\na,9,1,,yes\nb,1,3,30,no\n", constants=["label"]
    )
    assert found.channels == ("y", "x")
    assert found.ids == ["b", "a"]
    np.testing.assert_array_equal(found.values[0], [[3, 30], [4, 40]])
    np.testing.assert_array_equal(found.values[1], [[1, np.nan], [2, 20]])
    assert found.columns == {"label": ["no", "yes"]}
    assert found.notes == [
        "The rows are not sorted by 'unique_id' and 'ds'; they were sorted.",
        "Channel 'x': 1 of 4 values are missing.",
    ]


@settings(deadline=None, max_examples=40)
@given(
    st.dictionaries(
        st.tuples(st.sampled_from(["a", "b", "c"]), st.integers(-5, 5)), st.floats(width=32, allow_infinity=False)
    ).filter(bool),
    st.randoms(),
)
def test_as_pandas_sorts_and_groups(tmp_path_factory: pytest.TempPathFactory, cells: dict, shuffle: Any) -> None:  # type: ignore[type-arg]
    rows = list(cells.items())
    shuffle.shuffle(rows)
    frame = pd.DataFrame([(series, time, value) for (series, time), value in rows], columns=["unique_id", "ds", "y"])
    path = tmp_path_factory.mktemp("long") / "t.csv"
    frame.to_csv(path, index=False)
    if frame["y"].isna().all():
        with pytest.raises(ColumnError, match="no column of numbers"):
            read_long_frame(open_table(path), None, None, None, ())
        return
    found = read_long_frame(open_table(path), None, None, None, ())
    expected = {name: group.sort_values("ds")["y"] for name, group in frame.groupby("unique_id", sort=False)}
    assert found.ids == list(expected)
    for one, other in zip(found.values, expected.values(), strict=True):
        np.testing.assert_array_equal(one[:, 0], other.to_numpy(np.float32))


def test_parquet_takes_columns_of_numbers_by_type(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    rows = "SELECT 'a' unique_id, DATE '2020-01-02' ds, 1.5::DECIMAL(4, 2) y, 3::TINYINT x, '7' code, [1] list"
    duckdb.sql(f"{rows} UNION ALL SELECT 'a', DATE '2020-01-01', NULL, 2, '8', [2]").write_parquet(str(path))
    found = read_long_frame(open_table(path), None, None, None, ())
    assert found.channels == ("y", "x")
    by_x = found.values[0][np.argsort(found.values[0][:, 1])]
    np.testing.assert_array_equal(by_x, [[np.nan, 2], [1.5, 3]])
    np.testing.assert_array_equal(found.values[0][:, 1], [2, 3])


def test_other_columns_are_named_by_the_caller(tmp_path: Path) -> None:
    content = "name,day,left,right,note\na,2020-01-01,1,2,x\na,2020-01-02,3,4,y\n"
    found = read(tmp_path, content, id_="name", time="day", values=["right", "left"])
    assert found.channels == ("right", "left")
    np.testing.assert_array_equal(found.values[0], [[2, 1], [4, 3]])
    assert not found.notes
    assert read(tmp_path, content, id_="name", time="day").notes == [
        "Columns that hold no numbers are not read: 'note'."
    ]


def test_a_column_without_a_value_is_said(tmp_path: Path) -> None:
    found = read(tmp_path, "unique_id,ds,y,x\na,1,1,\na,2,2,NA\n")
    assert (found.channels, found.notes) == (("y",), ["Columns without a value are not read: 'x'."])


def test_the_first_duplicate_is_named(tmp_path: Path) -> None:
    content = "unique_id,ds,y\na,3,1\nb,1,1\nb,2,1\nb,1,2\na,3,5\n"
    with pytest.raises(DataError, match=r"row 4: series 'b' has the time '1' a second time, after row 2"):
        read(tmp_path, content)


def test_a_label_that_varies_is_named(tmp_path: Path) -> None:
    content = "unique_id,ds,y,label\na,1,1,x\nb,2,1,x\nb,1,1,z\n"
    with pytest.raises(
        DataError, match=r"'label' must have one value in each series, but has 'z' and 'x' in series 'b'"
    ):
        read(tmp_path, content, constants=["label"])


@pytest.mark.parametrize(
    ("content", "options", "error", "message"),
    [
        ("id,ds,y\na,1,1\n", {}, ColumnError, "no column 'unique_id' with the name .* name it with --id"),
        ("unique_id,when,y\na,1,1\n", {}, ColumnError, "no column 'ds' with the time of each row; name it with --time"),
        ("unique_id;ds;y\na;1;1\n", {}, ColumnError, "--delimiter"),
        ("unique_id,ds,y\na,1,1\n", {"values": ["z"]}, ColumnError, "no column 'z'"),
        ("unique_id,ds,y\na,1,1\n", {"values": ["ds"]}, ColumnError, "'ds' cannot be a channel"),
        ("unique_id,ds,y\na,1,1\n", {"constants": ["lable"]}, ColumnError, "no column 'lable'"),
        ("unique_id,ds,y\na,1,x\n", {}, ColumnError, "no column of numbers"),
        ("unique_id,ds,y\na,1,1\na,2,x\n", {}, ReadError, "row 2: the column 'y' holds 'x', which is no number"),
        ("unique_id,ds,y\n,1,1\n", {}, ReadError, "row 1: no name of its series"),
        ("unique_id,ds,y\na,,1\n", {}, ReadError, "row 1: the column 'ds' holds ''"),
        ("unique_id,ds,y\na,1,1\na,1/2/2024,1\n", {}, ReadError, "row 2: the column 'ds' holds '1/2/2024'"),
        ("unique_id,ds,y\na,1,inf\n", {}, DataError, "series 'a', frame 1, channel 'y': inf"),
    ],
)  # fmt: skip
def test_faults(tmp_path: Path, content: str, options: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        read(tmp_path, content, **options)
