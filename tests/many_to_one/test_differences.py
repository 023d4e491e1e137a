"""The file of the rows that models answer differently."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from recurra.errors import OptionError, OutputError
from recurra.many_to_one.differences import check_differences, write_differences
from recurra.many_to_one.options import TextOptions
from recurra.many_to_one.reading import open_data
from recurra.terminal.progress import Reporter

QUIET = Reporter(quiet=True)


def test_rows_that_differ_are_written_whole(tmp_path: Path) -> None:
    data, out = tmp_path / "rows.csv", tmp_path / "d.csv"
    texts = ["one", "=SUM(A1)", "three, with a comma", 'four "quoted"']
    with data.open("w", newline="") as file:
        csv.writer(file).writerows([["text", "label"], *([text, "x"] for text in texts)])
    opened = open_data(str(data), TextOptions(), QUIET)
    a, b, c = (np.array(list(letters), dtype=object) for letters in ("ppn", "pnn", "ppp"))
    write_differences(out, opened, [1, 2, 4], ["p", "n", "p"], {"A": a, "B": b, "C": c}, str, QUIET)
    with out.open(newline="") as file:
        assert list(csv.reader(file)) == [
            ["row", "text", "label", "A", "B", "C"],
            ["2", "'=SUM(A1)", "n", "p", "n", "p"],
            ["4", 'four "quoted"', "p", "n", "n", "p"],
        ]


def test_what_could_not_be_written_is_refused_before(tmp_path: Path) -> None:
    check_differences(None)
    check_differences(tmp_path / "new.csv")
    with pytest.raises(OptionError, match=r"ends in \.csv"):
        check_differences(tmp_path / "new.txt")
    (tmp_path / "old.csv").write_text("kept")
    with pytest.raises(OutputError, match="exists already"):
        check_differences(tmp_path / "old.csv")
    assert (tmp_path / "old.csv").read_text() == "kept"
