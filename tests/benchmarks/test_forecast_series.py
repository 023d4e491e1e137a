from __future__ import annotations

import math
import zipfile
from pathlib import Path

import numpy as np
import pytest
from forecast_series import (
    FREQUENCIES,
    M1_PLACE,
    SOURCES,
    Series,
    Source,
    found_wheels,
    read_series,
    table_series,
    tsf_series,
)


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    """Return a folder with two wheels that hold a table each for every source, of values that tell where they were."""
    rows = 40
    with zipfile.ZipFile(tmp_path / "first.whl", "w") as first, zipfile.ZipFile(tmp_path / "second.whl", "w") as second:
        for number, source in enumerate(SOURCES):
            lines = [",".join(("time", *source.columns))]
            lines += [f"{row}," + ",".join(f"{number}.{row:02d}" for _ in source.columns) for row in range(rows)]
            archive = (first, second)[number % 2]
            archive.writestr(f"package/datasets/{source.place}", "\ufeff" + "\n".join(lines) + "\n")
            archive.writestr(f"elsewhere/{source.place}", "not,a,series\n")
        second.writestr(f"package/datasets/{SOURCES[0].place}", "time,Passengers\n1,-1\n")  # the first wheel has it
        second.writestr(f"package/datasets/data/{M1_PLACE}", "# notes\n@data\nT1:1972-01-01 00-00-00:3,1.5,?\n")
    return tmp_path


def test_every_source_is_read_once(wheels: Path) -> None:
    found = read_series([wheels])
    counts = {name: sum(one.frequency == name for one in found) for name in FREQUENCIES}
    assert counts == {
        "months": 6,
        "quarters": 24,
        "years": 5,
        "weeks": 1,
        "hours": 1,
        "half hours": 1,
        "m1 years": 1,
    }
    assert len({one.name for one in found}) == len(found)
    assert found[0].values[:2].tolist() == [0.0, 0.01]
    np.testing.assert_array_equal(found[-1].values, [3, 1.5, math.nan])
    elnino = next(one for one in found if one.name == "elnino")
    assert len(elnino.values) == 40 * 12
    assert set(elnino.values[:12]) == {5.0}


def test_wheels_are_files_or_folders(wheels: Path) -> None:
    assert found_wheels([wheels]) == [wheels / "first.whl", wheels / "second.whl"]
    assert found_wheels([wheels / "second.whl"]) == [wheels / "second.whl"]


def test_a_table_that_is_nowhere_is_told(wheels: Path) -> None:
    with pytest.raises(SystemExit, match="m1_yearly_dataset"):
        read_series([wheels / "first.whl"])


def test_columns_are_series_and_gaps_are_missing() -> None:
    text = "when,a,b\n1,1,\n2,2,-3e1\n"
    first, second = table_series(Source("x/table.csv", "years", ("a", "b")), text)
    assert (first.name, second.name) == ("table a", "table b")
    np.testing.assert_array_equal(first.values, [1, 2])
    np.testing.assert_array_equal(second.values, [math.nan, -30])


def test_a_table_is_read_across_where_it_says_so() -> None:
    (one,) = table_series(Source("x/table.csv", "months", ("a", "b"), across=True), "a,b\n1,2\n3,4\n")
    assert (one.name, one.values.tolist()) == ("table", [1, 2, 3, 4])


def test_series_of_the_archive_may_have_several_lines() -> None:
    found = tsf_series("@relation M1\n@data\nT1:1972-01-01 00-00-00:3600,7700\nT2:1970-01-01 00-00-00:1\n", "m1 years")
    assert [(one.name, one.values.tolist()) for one in found] == [("M1 T1", [3600, 7700]), ("M1 T2", [1])]


def test_a_horizon_is_judged_with_so_many_after_it() -> None:
    series = Series("x", "quarters", np.arange(40.0))
    for back in range(3):
        cut = series.cut(back)
        assert cut is not None
        history, truth = cut
        assert len(truth) == 8
        np.testing.assert_array_equal(np.concatenate([history, truth]), np.arange(40 - 8 * back))
    assert series.cut(3) is None  # 8 values before, fewer than the horizon and three more
    unknown = np.append(np.arange(32.0), np.full(8, np.nan))
    assert Series("x", "quarters", unknown).cut(0) is None


def test_fewer_steps_of_a_short_series_are_judged() -> None:
    cut = Series("ShampooSales", "months", np.arange(36.0)).cut(0)
    assert cut is not None
    assert [len(part) for part in cut] == [24, 12]
