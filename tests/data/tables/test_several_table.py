"""Several files as one table, of every kind: rows in order, faults in their own file, columns alike."""

from __future__ import annotations

import csv
import json
import tempfile
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recurra.data.tables.location import joined
from recurra.data.tables.object_table import HoldsObjects
from recurra.data.tables.readers import open_table
from recurra.data.tables.table import Table
from recurra.errors import ColumnError, OptionError, ReadError

Rows = list[tuple[str, str]]
CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\0"))


def write(path: Path, rows: Rows) -> None:
    objects = [{"text": text, "label": label} for text, label in rows]
    match path.suffix:
        case ".csv":
            with path.open("w", newline="", encoding="utf-8") as file:
                csv.writer(file, quoting=csv.QUOTE_ALL).writerows([("text", "label"), *rows])
        case ".json":
            path.write_text(json.dumps(objects))
        case ".jsonl":
            path.write_text("".join(json.dumps(row) + "\n" for row in objects))
        case _:
            pl.DataFrame(rows, schema=["text", "label"], orient="row").write_parquet(path)


def rows_of(table: Table, *columns: str) -> list[tuple[str | None, ...]]:
    return [row for batch in table.batches(columns or table.columns, 3) for row in batch]


@settings(max_examples=60, deadline=None)
@given(
    files=st.lists(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=5), min_size=1, max_size=4),
    suffix=st.sampled_from([".csv", ".json", ".jsonl", ".parquet"]),
)
def test_the_rows_of_one_file_come_after_those_of_the_other(files: list[Rows], suffix: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for number, rows in enumerate(files):
            write(Path(folder) / f"part{number}{suffix}", rows)
        table = open_table(Path(folder) / f"part*{suffix}")
        together = [row for rows in files for row in rows]
        assert rows_of(table) == rows_of(table, "text", "label") == together
        assert rows_of(table, "label") == [(label,) for _, label in together]
        assert table.head(2) == together[:2]


def test_columns_may_be_in_another_order(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("text,label\nx,1\n")
    (tmp_path / "b.csv").write_text("label,text\n2,y\n")
    assert rows_of(open_table(tmp_path / "*.csv")) == [("x", "1"), ("y", "2")]


@pytest.mark.parametrize(
    ("second", "reason"),
    [
        ("text\ny\n", r"b\.csv has other columns than .*a\.csv: it lacks 'label'"),
        ("text,label,id\ny,2,3\n", r"it has 'id' besides\. Columns of .*a\.csv: 'text', 'label'"),
        ("texts,label\ny,2\n", r"it lacks 'text' and it has 'texts' besides"),
        ("text,label,label\ny,2,2\n", r"some are there twice"),
    ],
)
def test_a_file_with_other_columns_is_named(tmp_path: Path, second: str, reason: str) -> None:
    (tmp_path / "a.csv").write_text("text,label\nx,1\n")
    (tmp_path / "b.csv").write_text(second)
    with pytest.raises(ColumnError, match=reason):
        open_table(tmp_path / "*.csv")


def test_parquet_files_have_the_same_columns_and_types(tmp_path: Path) -> None:
    pl.DataFrame({"text": ["x"], "n": [1]}).write_parquet(tmp_path / "a.parquet")
    pl.DataFrame({"n": [2], "text": ["y"]}).write_parquet(tmp_path / "b.parquet")
    table = open_table(tmp_path / "*.parquet")
    assert (table.format, rows_of(table)) == ("parquet", [("x", "1"), ("y", "2")])
    pl.DataFrame({"text": ["z"], "n": [1.5]}).write_parquet(tmp_path / "c.parquet")
    with pytest.raises(ColumnError, match=r"c\.parquet: the column 'n' is of the type DOUBLE, and of BIGINT in .*a\.p"):
        open_table(tmp_path / "*.parquet")
    pl.DataFrame({"text": ["z"]}).write_parquet(tmp_path / "c.parquet")
    with pytest.raises(ColumnError, match=r"c\.parquet has other columns than .*a\.parquet: it lacks 'n'"):
        open_table(tmp_path / "*.parquet")
    (tmp_path / "c.parquet").write_bytes((tmp_path / "a.parquet").read_bytes()[:-20])
    with pytest.raises(ReadError, match=r"not a sound Parquet file \(.*c\.parquet"):
        open_table(tmp_path / "*.parquet")


def test_files_of_two_kinds_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("text\nx\n")
    (tmp_path / "b.txt").write_text("text\n")
    with pytest.raises(OptionError, match=r"b\.txt is read as txt, and .*a\.csv as csv"):
        open_table(joined([str(tmp_path / "a.csv"), str(tmp_path / "b.txt")]))


def test_a_broken_row_is_named_in_its_own_file(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("text,label\nx,1\nbroken\n")
    (tmp_path / "b.csv").write_text("text,label\nlonely\ny,2\n")
    rejects = tmp_path / "r"
    with pytest.raises(ReadError, match=r"a\.csv, line 3: 1 field where 2"):
        rows_of(open_table(tmp_path / "*.csv"))
    table = open_table(tmp_path / "*.csv", bad_rows="skip", rejects_path=rejects)
    for _ in range(2):  # each pass writes them again
        assert rows_of(table) == [("x", "1"), ("y", "2")]
        assert table.rejected == 2
        with rejects.open(newline="") as file:
            found = list(csv.DictReader(file))
        assert [(Path(row["file"]).name, row["line"], row["row"]) for row in found] == [
            ("a.csv", "3", "broken"),
            ("b.csv", "2", "lonely"),
        ]
    assert table.head(9) == [("x", "1"), ("y", "2")]


def test_a_file_without_rows_among_others(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("text\n")
    (tmp_path / "b.csv").write_text("text\nx\n")
    assert rows_of(open_table(tmp_path / "*.csv")) == [("x",)]
    (tmp_path / "b.csv").write_text("text\n")
    with pytest.raises(ReadError, match="none of its 2 files has a row"):
        rows_of(open_table(tmp_path / "*.csv"))


def test_share_goes_from_file_to_file(tmp_path: Path) -> None:
    for name in "abcd":
        (tmp_path / f"{name}.csv").write_text("text\n" + "x\n" * 50_000)
    table = open_table(tmp_path / "*.csv")
    shares = [table.share() for _ in table.batches(["text"], 10_000)]
    assert all(share is not None and 0 <= share <= 1 for share in shares[:-1])
    assert shares[:-1] == sorted(shares[:-1]) and 0.7 < (shares[-2] or 0) <= 1


def test_objects_of_several_files(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "x", "n": [1]}\n')
    (tmp_path / "b.jsonl").write_text('{"n": [2, 3], "text": "y"}\n')
    table = open_table(tmp_path / "*.jsonl")
    assert isinstance(table, HoldsObjects)
    found = [(json.loads(line), row) for line, _, row in table.rows_with_lines(["text"])]
    assert found == [({"text": "x", "n": [1]}, ("x",)), ({"n": [2, 3], "text": "y"}, ("y",))]
    table.lists_as_json = frozenset({"n"})
    assert rows_of(table) == [("x", '["1"]'), ("y", '["2", "3"]')]


def test_lists_are_given_as_json_by_every_file(tmp_path: Path) -> None:
    paths = [tmp_path / f"{number}.jsonl" for number in (1, 2)]
    for number, path in enumerate(paths):
        path.write_text(json.dumps({"text": "x", "label": [str(number)]}) + "\n", encoding="utf-8")
    table = open_table(joined(list(map(str, paths))))
    table.lists_as_json = frozenset({"label"})
    assert [row for batch in table.batches(["label"]) for row in batch] == [('["0"]',), ('["1"]',)]
