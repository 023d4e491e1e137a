"""`.ts` files, written by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from recurra.data.series.series_set import SeriesSet
from recurra.data.series.ts_file import read_ts
from recurra.errors import ReadError

HEADER = "# a comment\n@problemName P\n@timeStamps false\n@univariate false\n@classLabel true walk run\n@data\n"


def read(folder: Path, content: str) -> SeriesSet:
    path = folder / "t.ts"
    path.write_text(content)
    return read_ts(path)


def test_channels_of_unequal_series_and_a_label(tmp_path: Path) -> None:
    found = read(tmp_path, HEADER + "1,?,3:4,5,NaN:walk\n% between\n\n-1.5e-1:2:run\r\n")
    assert (found.channels, found.ids) == (("channel0", "channel1"), ["1", "2"])
    np.testing.assert_array_equal(found.values[0], [[1, 4], [np.nan, 5], [3, np.nan]])
    np.testing.assert_array_equal(found.values[1], np.array([[-0.15, 2]], np.float32))
    assert found.columns == {"label": ["walk", "run"]}


def test_a_target(tmp_path: Path) -> None:
    found = read(tmp_path, "@targetlabel true\n@DATA\n1,2:0.25\n3:-7\n")
    assert found.columns == {"target": [0.25, -7.0]}
    assert [len(one) for one in found.values] == [2, 1]


def test_no_label(tmp_path: Path) -> None:
    found = read(tmp_path, "@classLabel false\n@data\n1,2:3,4\n")
    assert found.columns == {}
    np.testing.assert_array_equal(found.values[0], [[1, 3], [2, 4]])


def test_times_of_values_are_passed_over(tmp_path: Path) -> None:
    stamped = (
        "@timestamps True\n@classlabel true a\n@data\n(2007-01-01 00:00:00,1.5),(2007-01-01 00:01:00,?):(0,3),(1,4):a\n"
    )
    found = read(tmp_path, stamped)
    np.testing.assert_array_equal(found.values[0], [[1.5, 3], [np.nan, 4]])
    assert found.notes[0] == "The times of the values are not used, only their order."


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (HEADER + "1,2:3:walk\n", "line 7: channel 0 has 2 values and channel 1 has 1"),
        (HEADER + "1:2:walk\n1:walk\n", "line 8: 1 channels, where 2 are expected"),
        (HEADER + "1:2:swim\n", "line 7: the class 'swim' is none of those that @classLabel names"),
        (HEADER + "1,x:2,3:walk\n", "line 7, channel 0, value 2: 'x' is no number"),
        (HEADER + "walk\n", "line 7: no label after a colon"),
        (HEADER + ":walk\n", "series '1' has no frames"),
        (HEADER, "no series after @data"),
        ("1,2:3\n", "line 1: data before the line @data"),
        ("@classLabel true a\n@\n", "no line @data"),
        ("@dimensions 3\n@classLabel true a\n@data\n1:2:a\n", "line 4: 2 channels, where 3 are expected"),
        ("@targetlabel true\n@data\n1:x\n", "line 3: the target, value 1: 'x' is no number"),
        ("@timestamps true\n@data\n1,2\n", r"line 3, channel 0: '1,2' is not a row of \(time,value\)"),
    ],
)
def test_faults(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(ReadError, match=message):
        read(tmp_path, content)
