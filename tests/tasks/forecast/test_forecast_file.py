"""A long table becomes histories: columns found, gaps filled, the end of each where its last value is."""

from __future__ import annotations

import random
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from recurra.errors import ColumnError, DataError, OptionError, ReadError
from recurra.tasks.forecast.forecast_file import ForecastFile, read_file, some
from recurra.tasks.forecast.options import ForecastFileOptions
from recurra.terminal.progress import Reporter
from support.forecast_files import long_rows, month, write_long, write_table

KINDS = {"future": ["price"], "past": ["rain"], "static": ["size"]}


def read(path: Path, text: str | None = None, *, more: dict[str, Any] | None = None, **options: Any) -> ForecastFile:
    if text is not None:
        path.write_text(text, encoding="utf-8")
    return read_file(path, ForecastFileOptions(**options), Reporter(quiet=True), **(more or {}))


def test_series_end_with_their_last_value_and_covariates_go_on(tmp_path: Path) -> None:
    rows = long_rows(3, 20, ahead=4)
    shuffled = random.Random(0).sample(rows, len(rows))
    found = read(write_table(tmp_path / "sales.csv", shuffled), more={"covariates": KINDS})
    assert str(found.frequency) == "M" and "not sorted" in found.notes[0]
    for number, history in enumerate(found.histories):
        own = [row for row in rows if row["unique_id"] == history.name]
        known = [row for row in own if row["y"] != ""]
        assert len(history) == len(known) == found.ends[number] and len(own) == len(known) + 4
        np.testing.assert_array_equal(history.values, [row["y"] for row in known])
        assert history.past is not None and history.future is not None and history.static is not None
        np.testing.assert_array_equal(history.past[:, 0], [row["rain"] for row in known])
        np.testing.assert_array_equal(history.future[:, 0], [row["price"] for row in own])
        assert history.static.tolist() == [known[0]["size"]]
        assert found.times(number, len(known), 2) == [own[len(known)]["ds"], own[len(known) + 1]["ds"]]


def test_gaps_and_missing_values_are_missing_steps_and_edges_are_cut(tmp_path: Path) -> None:
    text = "unique_id,ds,y\n" + "".join(
        f"a,{month(step)},{value}\n" for step, value in [(0, ""), (1, 5), (2, "NA"), (4, 7), (5, 8), (6, "")]
    )
    found = read(tmp_path / "gaps.csv", text)
    np.testing.assert_array_equal(found.histories[0].values, [5, np.nan, np.nan, 7, 8])
    assert found.starts == [month(1)] and found.times(0, 5, 1) == [month(6)]
    said = " ".join(found.notes)
    assert "1 of 7 steps have no row" in said and "2 of 5 values are missing" in said


def test_the_columns_of_training_count_where_the_file_has_them(tmp_path: Path) -> None:
    manifest: Any = SimpleNamespace(
        config={}, data={"id": "shop", "time": "day", "target": "sold", "frequency": "D", "columns": 4, "format": "csv"}
    )
    text = "shop,day,sold,y\n" + "".join(f"a,2024-01-{n:02},{n},{-n}\n" for n in range(1, 6))
    found = read(tmp_path / "new.csv", text, more={"manifest": manifest})
    assert found.histories[0].values.tolist() == [1, 2, 3, 4, 5] and found.said["target"] == "sold"
    assert read(tmp_path / "new.csv", target="y", more={"manifest": manifest}).histories[0].values[0] == -1
    monthly = "shop,day,sold\n" + "".join(f"a,{month(n)},{n}\n" for n in range(5))
    with pytest.raises(DataError, match=r"trained on series of the frequency D, and .* has M"):
        read(tmp_path / "new.csv", monthly, more={"manifest": manifest})


def test_a_second_file_follows_the_first(tmp_path: Path) -> None:
    rows = long_rows(3, 20)
    kept = [row for row in rows if row["ds"] < month(15)]
    later = [{k: row[k] for k in ("unique_id", "ds", "y", "price", "rain")} for row in rows if row["ds"] >= month(15)]
    later += [{**later[0], "unique_id": "new", "ds": month(n)} for n in range(3)]
    first, second = write_table(tmp_path / "a.csv", kept), write_table(tmp_path / "b.csv", later)
    found = read(first, more={"covariates": KINDS, "test": second})
    whole = read(write_table(tmp_path / "all.csv", rows), more={"covariates": KINDS})
    assert found.ends == [15, 14, 13] and [len(one) for one in found.histories] == [20, 23, 26]
    for one, other in zip(found.histories, whole.histories, strict=True):
        np.testing.assert_array_equal(one.values, other.values)
        np.testing.assert_array_equal(one.future, other.future)
        np.testing.assert_array_equal(one.static, other.static)
    assert any("1 series ('new') is left out" in note for note in found.notes)
    assert not any("not sorted" in note for note in found.notes)  # each file is


HEAD = "unique_id,ds,y\n"
ROWS = "".join(f"a,{month(n)},{n}\n" for n in range(6))


@pytest.mark.parametrize(
    ("text", "options", "error", "words"),
    [
        (HEAD + ROWS + f"a,{month(2)},9\n", {}, DataError, "row 7: series 'a' has the time '2015-03-01' a second time"),
        ("ds,y\n1,2\n1,3\n2,4\n3,5\n", {}, DataError, "If the table has several series, name the column .*: --id"),
        (HEAD + ROWS + "".join(f"b,2015-01-0{n},1\n" for n in range(1, 7)), {}, DataError, "several frequencies"),
        (HEAD + ROWS + "a,2015-06-15,3\n", {}, DataError, "no whole number of steps of M"),
        (HEAD + "a,2015-01-01,\na,2015-02-01,3\n", {}, DataError, "has 3 known values"),
        (HEAD + "a,2015-01-01,2\n", {}, DataError, "No series of .* has two rows"),
        (HEAD + ROWS.replace(",3\n", ",inf\n"), {}, DataError, "infinite"),
        (HEAD + ROWS.replace(",3\n", ",1e31\n"), {}, DataError, "1e30"),
        (HEAD + "a,yesterday,2\n", {}, ReadError, "the time is 'yesterday'"),
        (
            HEAD + ROWS.replace(",3\n", ',"3,5"\n'),
            {},
            ReadError,
            "holds '3,5', which is no number. Write decimals with a point",
        ),
        (
            HEAD + ROWS + "a,2099-01-01,3\n",
            {},
            DataError,
            "none of those between '2015-06-01' and '2099-01-01' has a row",
        ),
        (HEAD + ROWS, {"freq": "fortnight"}, OptionError, "--freq 'fortnight' is no frequency"),
        (HEAD + ROWS, {"target": "ds"}, ColumnError, "'ds' holds the values to forecast"),
    ],
)
def test_what_cannot_be_forecast_is_named(
    text: str, options: dict[str, Any], error: type[Exception], words: str, tmp_path: Path
) -> None:
    with pytest.raises(error, match=words):
        read(tmp_path / "sales.csv", text, **options)


def test_covariates_are_numbers_named_once(tmp_path: Path) -> None:
    path = write_long(tmp_path / "sales.csv", 2, 9)
    with pytest.raises(ColumnError, match="'price' is named twice"):
        read(path, more={"covariates": {"past": ["price"], "future": ["price"]}})
    with pytest.raises(ColumnError, match="no column 'cost'"):
        read(path, more={"covariates": {"past": ["cost"]}})


def test_a_text_as_a_covariate_of_a_series_is_refused(tmp_path: Path) -> None:
    text = "unique_id,ds,y,kind\n" + "".join(f"a,{n},{n},big\n" for n in range(4))
    with pytest.raises(ReadError, match="the column 'kind' of series 'a' holds 'big'; covariates are numbers"):
        read(tmp_path / "sales.csv", text, more={"covariates": {"static": ["kind"]}})


def test_files_without_times_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.ts").write_text("@data\n1,2:x\n")
    (tmp_path / "a.txt").write_text("one\ntwo\n")
    with pytest.raises(ReadError, match=r"has no times\. Forecasts need a long table"):
        read(tmp_path / "a.ts")
    with pytest.raises(ReadError, match="one text a line"):
        read(tmp_path / "a.txt")


def test_names_as_the_beginning_of_a_sentence() -> None:
    assert some(["a"]) == "1 series ('a') is" and some(list("abcdefg")).endswith("'e' ...) are")


def test_rows_of_a_second_file_within_the_first_are_refused(tmp_path: Path) -> None:
    rows = [row for row in long_rows(1, 20) if row["ds"] != month(7)]
    first = write_table(tmp_path / "a.csv", rows)
    among = write_table(tmp_path / "b.csv", [{**rows[0], "ds": month(30)}, {**rows[0], "ds": month(7)}])
    with pytest.raises(
        DataError, match="row 2 of the second file is of series 'shop 0' before its last row in the first"
    ):
        read(first, more={"test": among})
