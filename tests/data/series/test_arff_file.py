"""`.arff` files, written by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from recurra.data.series.arff_file import read_arff
from recurra.data.series.series_set import SeriesSet
from recurra.errors import ReadError

ONE = "% said\n@relation p\n@attribute t0 numeric\n@ATTRIBUTE att1 REAL\n@attribute target {walk,'long run'}\n@data\n"
SEVERAL = (
    "@relation 'p q'\n@attribute r relational\n  @attribute t0 numeric\n  @attribute t1 numeric\n@end r\n"
    "@attribute activity {walk,'long run'}\n@data\n"
)


def read(folder: Path, content: str) -> SeriesSet:
    path = folder / "t.arff"
    path.write_text(content)
    return read_arff(path)


def test_one_channel(tmp_path: Path) -> None:
    found = read(tmp_path, ONE + "?, 2 ,walk\n% between\n3,4,'long run'\n")
    assert (found.channels, found.ids) == (("channel0",), ["1", "2"])
    np.testing.assert_array_equal(found.values[0], [[np.nan], [2]])
    np.testing.assert_array_equal(found.values[1], [[3], [4]])
    assert found.columns == {"label": ["walk", "long run"]}


@pytest.mark.parametrize("quote", ["'", '"'])
def test_several_channels(tmp_path: Path, quote: str) -> None:
    found = read(tmp_path, SEVERAL + f"{quote}1,2\\n?,4{quote},walk\n{quote}5,6\\n7,8{quote}, 'long run'\n")
    np.testing.assert_array_equal(found.values[0], [[1, np.nan], [2, 4]])
    np.testing.assert_array_equal(found.values[1], [[5, 7], [6, 8]])
    assert found.columns == {"label": ["walk", "long run"]}


def test_padding_is_dropped_and_said(tmp_path: Path) -> None:
    found = read(tmp_path, SEVERAL + "'1,?\\n2,?',walk\n'1,?\\n2,3',walk\n'?,?\\n?,?',walk\n")
    np.testing.assert_array_equal(found.values[0], [[1, 2]])
    np.testing.assert_array_equal(found.values[1], [[1, 2], [np.nan, 3]])
    assert np.isnan(found.values[2]).all()
    assert found.values[2].shape == (2, 2)
    assert found.notes[0] == "1 series end in missing values, which were taken for padding and dropped."


def test_targets_and_no_label(tmp_path: Path) -> None:
    relational = SEVERAL.replace("activity {walk,'long run'}", "y numeric")
    assert read(tmp_path, relational + "'1,2\\n3,4',0.5\n").columns == {"target": [0.5]}
    plain = "@relation p\n@attribute a numeric\n@attribute b numeric\n@attribute target numeric\n@data\n1,2,3\n"
    found = read(tmp_path, plain)
    assert (found.columns, found.values[0].tolist()) == ({"target": [3.0]}, [[1.0], [2.0]])
    found = read(tmp_path, plain.replace("target", "c"))
    assert (found.columns, found.values[0].tolist()) == ({}, [[1.0], [2.0], [3.0]])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (ONE + "1,2,3,walk\n", "line 7: 4 fields, where 3 are expected"),
        (ONE + "1,2,swim\n", "line 7: the class 'swim' is none of those that the attribute names"),
        (ONE + "1,x,walk\n", "line 7, channel 0, value 2: 'x' is no number"),
        (ONE + "{0 1, 2 walk}\n", "line 7: sparse rows are not read"),
        (ONE, "no series after @data"),
        (SEVERAL + "'1,2\\n3',walk\n", "line 8: channel 0 has 2 values and channel 1 has 1"),
        (SEVERAL + "'1\\n2',walk\n'1',walk\n", "line 9: 1 channels, where 2 are expected"),
        (SEVERAL + "'1,2,walk\n", "line 8: 3 fields, where 2 are expected"),
        ("@relation p\n1,2\n", "line 2: data before the line @data"),
        ("@relation p\n@attribute a\n", "line 2: not an attribute with a name and a type"),
        ("@relation p\n@attribute a string\n@attribute b numeric\n@data\n", "is not of series"),
        ("@relation p\n@data\n1\n", "is not of series"),
        ("@relation p\n", "no line @data"),
    ],
)
def test_faults(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(ReadError, match=message):
        read(tmp_path, content)
