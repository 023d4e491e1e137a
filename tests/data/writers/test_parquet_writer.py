"""Parquet files read back by polars: columns keep their types and values, and labels have theirs."""

from __future__ import annotations

import datetime
from pathlib import Path

import duckdb
import polars
import pytest

from recurra.data.tables.readers import open_table
from recurra.data.writers.parquet_writer import ParquetWriter
from recurra.data.writers.writer import AnswerColumn
from recurra.errors import OutputError, ReadError
from support.answers import ListedAnswers

COLUMNS = [
    AnswerColumn("label", labels=[3, 5]),
    AnswerColumn("tags", "texts", labels=["N", "it's"]),
    AnswerColumn("score", "number"),
]
KEPT = [(1, [0, 1], 0.25), (0, [], 0.5), (1, [1], 0.75)]
EXPECTED = {"label": [5, 3, 5], "tags": [["N", "it's"], [], ["it's"]], "score": [0.25, 0.5, 0.75]}


def test_a_parquet_file_keeps_its_columns(tmp_path: Path) -> None:
    frame = polars.DataFrame(
        {
            "text": ["a", None, "c"],
            "day": [datetime.date(2020, 1, day) for day in (1, 2, 3)],
            "parts": [[1, 2], [], None],
        }
    )
    frame.write_parquet(tmp_path / "in.parquet")
    writer = ParquetWriter(open_table(tmp_path / "in.parquet"), ["text"], COLUMNS)
    assert list(writer.inputs()) == [("a",), (None,), ("c",)]
    writer.write(tmp_path / "out.parquet", ListedAnswers(tmp_path, COLUMNS, KEPT))
    written = polars.read_parquet(tmp_path / "out.parquet")
    assert written.select(frame.columns).equals(frame)
    assert {name: written[name].to_list() for name in EXPECTED} == EXPECTED
    assert written.schema["label"] == polars.Int64


def test_a_table_of_text_becomes_columns_of_text(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text('text,n\n"a\n""b""",1\n,2\nc,3\n', encoding="utf-8")
    writer = ParquetWriter(open_table(tmp_path / "in.csv"), ["text"], COLUMNS)
    writer.write(tmp_path / "out.parquet", ListedAnswers(tmp_path, COLUMNS, KEPT))
    written = polars.read_parquet(tmp_path / "out.parquet").to_dict(as_series=False)
    assert written == {"text": ['a\n"b"', "", "c"], "n": ["1", "2", "3"], **EXPECTED}
    assert {path.name for path in tmp_path.iterdir()} == {"in.csv", "answers.jsonl", "out.parquet"}


def test_names_that_differ_in_case_alone_are_refused(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("text,Text\na,b\n")
    with pytest.raises(OutputError, match="differ only in upper and lower case"):
        ParquetWriter(open_table(tmp_path / "in.csv"), ["text"], COLUMNS)


def test_a_column_of_answers_differs_in_more_than_case(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("text,Label\na,b\n")
    columns = [AnswerColumn("label"), AnswerColumn("0", title="p(A)"), AnswerColumn("1", title="p(a)")]
    writer = ParquetWriter(open_table(tmp_path / "in.csv"), ["text"], columns)
    writer.write(tmp_path / "out.parquet", ListedAnswers(tmp_path, columns, [("x", "y", "z")]))
    (row,) = polars.read_parquet(tmp_path / "out.parquet").to_dicts()
    assert row == {"text": "a", "Label": "b", "label_": "x", "p(A)": "y", "p(a)_": "z"}


@pytest.mark.parametrize(
    ("column", "words"),
    [
        (AnswerColumn("0", title="p(\ud800)"), "a label, holds half of a surrogate pair"),
        (AnswerColumn("0", labels=["a", "\udfff"]), "a label, holds half of a surrogate pair"),
        (AnswerColumn("0", title="p(\0)"), "holds a NUL"),
    ],
)
def test_labels_that_parquet_cannot_hold_are_refused(tmp_path: Path, column: AnswerColumn, words: str) -> None:
    (tmp_path / "in.csv").write_text("text\na\n")
    with pytest.raises(OutputError, match=words):
        ParquetWriter(open_table(tmp_path / "in.csv"), ["text"], [column])


@pytest.mark.parametrize("line", ['{"text": "a", "n": "\\ud800"}', '{"text": "a\\udfff", "n": "b"}'])
def test_half_a_surrogate_pair_is_refused_before_a_row_is_answered(tmp_path: Path, line: str) -> None:
    (tmp_path / "in.jsonl").write_text('{"text": "a", "n": "\\ud83d\\ude00"}\n' + line + "\n")
    inputs = ParquetWriter(open_table(tmp_path / "in.jsonl"), ["text"], COLUMNS).inputs()
    assert next(inputs) == ("a",)
    with pytest.raises(OutputError, match="row 2 holds half of a surrogate pair"):
        next(inputs)


def test_a_column_named_by_half_a_surrogate_pair_is_refused(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text('{"text": "a", "\\ud800": 1}\n')
    with pytest.raises(OutputError, match="name of a column"):
        ParquetWriter(open_table(tmp_path / "in.jsonl"), ["text"], COLUMNS)


def test_damage_in_a_column_that_is_only_copied_is_found_before_a_row_is_answered(tmp_path: Path) -> None:
    path = tmp_path / "in.parquet"
    polars.DataFrame({"text": ["a", "b", "c"], "other": [1.5, 2.5, 3.5]}).write_parquet(path)
    with duckdb.connect() as connection:
        query = f"SELECT coalesce(dictionary_page_offset, data_page_offset) FROM parquet_metadata('{path}')"
        place = connection.execute(query + " WHERE path_in_schema = 'other'").fetchall()[0][0]
    content = path.read_bytes()
    path.write_bytes(content[:place] + b"\xff" * 8 + content[place + 8 :])
    writer = ParquetWriter(open_table(path), ["text"], COLUMNS)
    with pytest.raises(ReadError, match="not a sound Parquet file") as raised:
        next(writer.inputs())
    assert "Exception" not in str(raised.value)
