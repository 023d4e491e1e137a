"""A folder for each class, a table for each series."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recurra.data.series.csv_folder import read_one_csv
from recurra.data.series.reader import read_series
from recurra.data.tables.readers import open_table
from recurra.errors import ColumnError, DataError, OptionError, ReadError


def folder(root: Path, **files: str) -> Path:
    for name, content in files.items():
        path = root / "data" / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return root / "data"


def test_classes_series_and_channels(tmp_path: Path) -> None:
    path = folder(
        tmp_path, walk__2_csv="y,x\n1,\n3,4\n", walk__1_tsv="x\ty\n5\t6\n", run__a_csv="y,x\n7,8\n", note_txt="-"
    )
    (path / "run" / ".hidden.csv").write_text("z\n")
    found = read_series(path, constants=["label"])
    assert found.channels == ("y", "x")
    assert found.ids == ["run/a.csv", "walk/1.tsv", "walk/2.csv"]
    assert found.columns == {"label": ["run", "walk", "walk"]}
    assert [one.tolist() for one in found.values[:2]] == [[[7, 8]], [[6, 5]]]
    np.testing.assert_array_equal(found.values[2], [[1, np.nan], [3, 4]])


def test_rows_are_in_order_of_time(tmp_path: Path) -> None:
    path = folder(tmp_path, a__1_csv="ds,y\n2024-01-02,2\n2024-01-01,1\n", b__1_csv="ds,y\n2024-01-01,3\n")
    found = read_series(path)
    assert (found.channels, found.values[0].tolist()) == (("y",), [[1], [2]])
    assert found.notes == ["The rows of 1 series are not sorted by time; they were sorted."]
    path = folder(tmp_path, a__1_csv="t,y\n2,2\n1,1\n", b__1_csv="t,y\n1,3\n")
    assert read_series(path, time="t").values[0].tolist() == [[1], [2]]
    assert read_series(path, values="y").values[0].tolist() == [[2], [1]]


@pytest.mark.parametrize(
    ("files", "options", "error", "message"),
    [
        ({"a__1_csv": "y\n1\n", "b__1_csv": "z\n1\n"}, {}, ColumnError, r"has the columns 'z', where .* has 'y'"),
        ({"a__1_csv": "y\n1\nx\n"}, {}, ReadError, "a/1.csv, row 2: the column 'y' holds 'x', which is no number"),
        ({"a__1_csv": "ds,y\n1,1\nx,2\n"}, {}, ReadError, "a/1.csv, row 2: the column 'ds' holds 'x', which is not"),
        ({"a__1_csv": "ds,y\n1,1\n1,2\n"}, {}, DataError, "a/1.csv, row 2: the time '1' is there twice"),
        ({"a__1_csv": "ds\n1\n"}, {}, ColumnError, "no column of a channel"),
        ({"a_txt": "1"}, {}, ReadError, "a folder without tables of series"),
        ({"a__1_csv": "y\n1\n"}, {"values": ["z"]}, ColumnError, "no column 'z'"),
        ({"a__1_csv": "y\n1\n"}, {"id": "z"}, OptionError, "--id names a column of one table"),
        ({"a__1_csv": "y\n1\n"}, {"constants": ["speaker"]}, ColumnError, "no column 'speaker'"),
    ],
)  # fmt: skip
def test_faults(
    tmp_path: Path, files: dict[str, str], options: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        read_series(folder(tmp_path, **files), **options)


def test_a_folder_without_classes_and_a_table_alone(tmp_path: Path) -> None:
    path = folder(tmp_path, b_csv="y,x\n1,\n3,4\n", a_tsv="x\ty\n5\t6\n", note_txt="-")
    (path / "empty").mkdir()
    found = read_series(path)
    assert (found.ids, found.columns, found.channels) == (["a.tsv", "b.csv"], {}, ("x", "y"))
    np.testing.assert_array_equal(found.values[1], [[np.nan, 1], [4, 3]])
    (path / "empty" / "1.csv").write_text("x,y\n7,8\n")  # with a class there, what lies beside is none
    assert read_series(path).ids == ["empty/1.csv"]
    (path / "c.csv").write_text("ds,x,y,note\n2,3,4,5\n1,1,2,5\n")
    one = read_one_csv(open_table(path / "c.csv"), None, ["y", "x"])
    assert (one.ids, one.channels, one.columns) == (["c.csv"], ("y", "x"), {})
    assert one.values[0].tolist() == [[2, 1], [4, 3]] and one.notes == [
        "The rows are not sorted by time; they were sorted."
    ]
    assert read_one_csv(open_table(path / "c.csv"), "x", None).channels == ("ds", "y", "note")
    with pytest.raises(ColumnError, match="no column 'z'"):
        read_one_csv(open_table(path / "c.csv"), None, ["z"])
    (path / "none.csv").write_text("x,y\n")
    with pytest.raises(ReadError, match=r"none.csv"):
        read_one_csv(open_table(path / "none.csv"), None, None)
