"""Which reader a path gets, and contracts that every reader keeps."""

from __future__ import annotations

import csv
import gzip
import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import duckdb
import openpyxl
import polars as pl
import pytest

from recurra.data.tables.readers import READERS, open_table
from recurra.data.tables.table import Table
from recurra.errors import OptionError, OutputError, ReadError
from support.saved_datasets import save_for_hub, save_split, table_of

BODY = [(f"text {n}, “quoted” \t {'é' * (n % 3)}", f"{n % 3}") for n in range(2500)]


def make(kind: str, folder: Path) -> Path:
    """Write BODY in a format, by something other than Recurra."""
    if kind == "folder":
        for n, (text, label) in enumerate(BODY):
            (folder / label).mkdir(exist_ok=True)
            (folder / label / f"{n:05}.txt").write_text(text, encoding="utf-8")
        return folder
    path = folder / f"t.{kind}"
    frame = pl.DataFrame(BODY, schema=["text", "label"], orient="row")
    match kind:
        case "csv":
            frame.write_csv(path)
        case "tsv":
            path.write_text("text\tlabel\n" + "".join(f"{t.replace(chr(9), ' ')}\t{y}\n" for t, y in BODY), "utf-8")
        case "parquet":
            frame.write_parquet(path)
        case "jsonl":
            frame.write_ndjson(path)
        case "json":
            frame.write_json(path)
        case "arrow":
            return save_split(folder / "set", table_of({"text": [t for t, _ in BODY], "label": [y for _, y in BODY]}))
        case "dataset":
            half = len(BODY) // 2
            parts = {"train": BODY[:half], "test": BODY[half:]}
            tables = {k: table_of({"text": [t for t, _ in v], "label": [y for _, y in v]}) for k, v in parts.items()}
            return save_for_hub(folder / "set", tables)
        case "sqlite":
            with closing(sqlite3.connect(path)) as connection:
                connection.execute("CREATE TABLE t (text, label)")
                connection.executemany("INSERT INTO t VALUES (?, ?)", BODY)
                connection.commit()
        case "duckdb":
            with duckdb.connect(path) as connection:
                connection.execute("CREATE TABLE t AS SELECT * FROM frame")
        case "xlsx":
            book = openpyxl.Workbook()
            for row in (("text", "label"), *BODY):
                book.active.append(row)
            book.save(path)
        case "txt":
            path.write_text("".join(f"{text}\n" for text, _ in BODY), "utf-8")
        case "fasttext":
            path = path.with_suffix(".txt")
            path.write_text("".join(f"__label__{label} {text}\n" for text, label in BODY), "utf-8")
    return path


def texts(table: Table, size: int) -> list[str | None]:
    return [row[0] for batch in table.batches(["text"], size) for row in batch]


@pytest.mark.parametrize("kind", READERS)
def test_every_reader_keeps_the_contract(kind: str, tmp_path: Path) -> None:
    table = open_table(make(kind, tmp_path))
    assert (table.format, table.rejected, "text" in table.columns) == (kind, 0, True)
    expected = [text.replace("\t", " ") if kind == "tsv" else text for text, _ in BODY]
    found = texts(table, 1000)
    if kind == "folder":
        assert sorted(map(str, found)) == sorted(expected)
    else:
        assert found == expected
    assert texts(table, 7) == found  # the same in other batches, and again
    assert [len(batch) for batch in table.batches(["text"], 1000)] == [1000, 1000, 500]
    stream = table.batches(["text"], 10)
    next(stream)
    stream.close()  # leaving early leaves nothing open: warnings are errors here


@pytest.mark.parametrize("kind", ["csv", "tsv", "jsonl", "json", "txt", "fasttext"])
def test_text_formats_may_be_gzipped(kind: str, tmp_path: Path) -> None:
    path = make(kind, tmp_path)
    zipped = path.with_name(path.name + ".gz")
    zipped.write_bytes(gzip.compress(path.read_bytes()))
    assert texts(open_table(zipped), 100) == texts(open_table(path), 100)


@pytest.mark.parametrize("name", ["T.CSV", "t.tab", "t.ndjson", "t.CSV.GZ"])
def test_suffixes_in_any_case(name: str, tmp_path: Path) -> None:
    content = json.dumps({"text": "a"}).encode() if "json" in name else b"text\na\n"
    (tmp_path / name).write_bytes(gzip.compress(content) if name.endswith("GZ") else content)
    assert texts(open_table(tmp_path / name), 5) == ["a"]


@pytest.mark.parametrize(
    ("name", "hint"),
    [("t.ods", "Save it as .xlsx"), ("t", "--format"), ("t.csv.gz.gz", "Readable")],
)
def test_an_unknown_kind_lists_the_readable_ones(name: str, hint: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"x")
    with pytest.raises(ReadError, match=r"Readable: \.csv") as caught:
        open_table(tmp_path / name)
    assert hint in str(caught.value)


def test_a_misspelt_path_suggests_the_file_that_is_there(tmp_path: Path) -> None:
    (tmp_path / "reviews.csv").write_bytes(b"a\n1\n")
    with pytest.raises(ReadError, match=r"does not exist\. Did you mean 'reviews\.csv'"):
        open_table(tmp_path / "review.csv")
    with pytest.raises(OptionError, match="'stop' or 'skip'"):
        open_table(tmp_path / "reviews.csv", bad_rows="ignore")  # type: ignore[arg-type]


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_file(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(b"a\n1\n")
    (tmp_path / "t.csv").chmod(0)
    with pytest.raises(ReadError, match="Permission denied"):
        open_table(tmp_path / "t.csv")


def test_rejects_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(b"a,b\n1\n1,2\n")
    table = open_table(tmp_path / "t.csv", bad_rows="skip", rejects_path=tmp_path / "t.csv" / "r.csv")
    with pytest.raises(OutputError, match="Cannot write the rejected rows"):
        list(table.batches(["a"]))


def test_the_csv_limit_of_other_code_is_only_ever_raised(tmp_path: Path) -> None:
    before = csv.field_size_limit(10**9)
    try:
        (tmp_path / "t.csv").write_bytes(b"text\na\n")
        assert texts(open_table(tmp_path / "t.csv"), 1) == ["a"]
        assert csv.field_size_limit() == 10**9
    finally:
        csv.field_size_limit(before)
