"""Columns of lists: numbers, frames, one column a channel, and what is none of these."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest

from recurra.data.series.reader import read_series
from recurra.errors import ColumnError, ReadError


def jsonl(folder: Path, *rows: dict[str, Any]) -> Path:
    path = folder / "t.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def parquet(folder: Path, query: str) -> Path:
    path = folder / "t.parquet"
    duckdb.sql(query).write_parquet(str(path))
    return path


def test_numbers_are_one_channel(tmp_path: Path) -> None:
    path = jsonl(tmp_path, {"values": [1, None, 2.5], "kind": "a"}, {"values": [float("nan")], "kind": None})
    found = read_series(path, constants=["kind"])
    assert (found.channels, found.ids, found.columns) == (("values",), ["1", "2"], {"kind": ["a", None]})
    np.testing.assert_array_equal(found.values[0], np.array([[1], [np.nan], [2.5]], np.float32))
    np.testing.assert_array_equal(found.values[1], [[np.nan]])
    assert found.notes == ["Channel 'values': 2 of 4 values are missing."]


def test_frames_have_numbered_channels(tmp_path: Path) -> None:
    path = jsonl(
        tmp_path, {"name": "x", "data": {"f": [[1, 2], None, [3, None]]}}, {"name": "y", "data": {"f": [[5, 6]]}}
    )
    found = read_series(path, series="data.f", id="name")
    assert (found.channels, found.ids) == (("channel0", "channel1"), ["x", "y"])
    np.testing.assert_array_equal(found.values[0], [[1, 2], [np.nan, np.nan], [3, np.nan]])


def test_several_columns_are_a_channel_each(tmp_path: Path) -> None:
    path = parquet(tmp_path, "SELECT [1, 2]::TINYINT[] a, [0.5, NULL]::DECIMAL(3, 1)[] b, 'k' label")
    found = read_series(path, series=["b", "a"], constants=["label"])
    assert found.channels == ("b", "a")
    np.testing.assert_array_equal(found.values[0], [[0.5, 1], [np.nan, 2]])


def test_parquet_frames(tmp_path: Path) -> None:
    path = parquet(
        tmp_path, "SELECT [[1, NULL], NULL, [3, 4]]::FLOAT[][] series, [1] other UNION ALL SELECT [[7, 8]], [2]"
    )
    found = read_series(path)
    np.testing.assert_array_equal(found.values[0], [[1, np.nan], [np.nan, np.nan], [3, 4]])
    np.testing.assert_array_equal(found.values[1], [[7, 8]])


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([{"s": [1]}, {"s": []}], "row 2: the column 's' is empty"),
        ([{"s": [1]}, {"s": None}], "row 2: the column 's' is empty"),
        ([{"s": [1]}, {"s": "1 2"}], "row 2: the column 's' holds '1 2'"),
        ([{"s": [1]}, {"s": [1, "2"]}], "row 2: the column 's' holds '2', which is no number"),
        ([{"s": [1]}, {"s": [True]}], "row 2: the column 's' holds True"),
        (
            [{"s": [[1, 2]]}, {"s": [[1, 2], [3]]}],
            "row 2: the column 's', frame 2 has 1 numbers, where the first has 2",
        ),
        ([{"s": [[1, 2]]}, {"s": [[1, 2], 3]}], "row 2: the column 's', frame 2 is 3"),
        ([{"s": [[1, 2]]}, {"s": [[1]]}], "row 2: frames of 1 numbers, where the series before have 2"),
        ([{"s": [[[1]]]}], r"row 1: the column 's' holds \[1\]"),
        ([{"s": [10**400]}], "row 1: the column 's' holds a number too large"),
        ([{"s": [[]]}], "row 1: the column 's' has frames without a number"),
    ],
)
def test_faults_name_the_row(tmp_path: Path, rows: list[dict[str, Any]], message: str) -> None:
    with pytest.raises(ReadError, match=message):
        read_series(jsonl(tmp_path, *rows), series=["s"])


def test_faults_of_several_columns(tmp_path: Path) -> None:
    path = jsonl(tmp_path, {"a": [1, 2], "b": [1], "c": [[1, 2], [3, 4]], "id": "x"}, {"a": [1], "b": [2], "id": "x"})
    with pytest.raises(ReadError, match="row 1: 'a' has 2 values and 'b' has 1"):
        read_series(path, series=["a", "b"])
    with pytest.raises(ReadError, match="row 1: with several columns each is one channel, but 'c' holds frames"):
        read_series(path, series=["a", "c"])
    with pytest.raises(ReadError, match="row 2: series 'x' was already in row 1"):
        read_series(path, series=["a"], id="id")
    with pytest.raises(ColumnError, match=r"several columns of lists \('a', 'b', 'c'\); name those .* --series"):
        read_series(path)
    with pytest.raises(ColumnError, match="no column 'd'"):
        read_series(path, series="d")


def test_lists_of_texts_in_parquet(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="row 1: the column 's' holds 'a', which is no number"):
        read_series(parquet(tmp_path, "SELECT ['a'] s"), series="s")
