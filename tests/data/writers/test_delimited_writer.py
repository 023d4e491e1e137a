"""CSV and TSV read back by Python's csv module: every cell as it was, and the answers after them."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recurra.data.tables.readers import open_table
from recurra.data.writers.delimited_writer import CsvWriter, TsvWriter
from recurra.data.writers.writer import AnswerColumn
from recurra.errors import OutputError
from support.answers import ListedAnswers

quickly = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=30)
CELL = st.text(st.one_of(st.sampled_from('=+@\t\r\n",;é'), st.characters(exclude_categories=["Cs", "Cc"])), max_size=8)
ROWS = st.lists(st.tuples(CELL, CELL), min_size=1, max_size=8)
COLUMNS = [AnswerColumn("text"), AnswerColumn("score", "number"), AnswerColumn("hidden", written=False)]


def rewritten(folder: Path, rows: list[tuple[str, str]], *, escape: bool) -> tuple[list[tuple[str, ...]], list[str]]:
    """Return (what the writer gives to answer, its output as rows of cells)."""
    source, output = folder / "in.csv", folder / "out.csv"
    with source.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, quoting=csv.QUOTE_ALL).writerows([("text", "more"), *rows])
    writer = CsvWriter(open_table(source), ["text"], COLUMNS, escape=escape)
    asked = list(writer.inputs())
    writer.write(output, ListedAnswers(folder, COLUMNS, [(f"={n}", n / 3, "no") for n in range(len(rows))]))
    with output.open(encoding="utf-8", newline="") as file:
        return asked, list(csv.reader(file, strict=True))  # type: ignore[arg-type]


@quickly
@given(ROWS)
def test_cells_stay_and_answers_follow(tmp_path: Path, rows: list[tuple[str, str]]) -> None:
    asked, (header, *written) = rewritten(tmp_path, rows, escape=False)
    assert asked == [(text,) for text, _ in rows]
    assert header == ["text", "more", "text_", "score"]
    assert written == [[*row, f"={n}", f"{n / 3:.6g}"] for n, row in enumerate(rows)]


@quickly
@given(ROWS)
def test_where_formulas_are_escaped_an_apostrophe_is_all_that_is_added(
    tmp_path: Path, rows: list[tuple[str, str]]
) -> None:
    _, (_, *written) = rewritten(tmp_path, rows, escape=True)
    for n, (row, cells) in enumerate(zip(rows, written, strict=True)):
        assert cells[2] == f"'={n}"
        for before, after in zip(row, cells, strict=False):
            assert after in (before, "'" + before)


def test_a_tab_cannot_be_written_to_a_tsv(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_text('text\nplain\n"a\tb"\n')
    with pytest.raises(OutputError, match=r"row 2 holds a tab or a line end.*Write \.csv, \.jsonl or \.parquet"):
        list(TsvWriter(open_table(source), ["text"], COLUMNS).inputs())
    source.write_text("text\nplain\n")
    writer, output = TsvWriter(open_table(source), ["text"], [AnswerColumn("answer")]), tmp_path / "out.tsv"
    assert list(writer.inputs()) == [("plain",)]
    writer.write(output, ListedAnswers(tmp_path, [AnswerColumn("answer")], [("a\tb\nc",)]))
    assert output.read_text() == "text\tanswer\nplain\ta b c\n"


def test_a_name_that_a_tsv_cannot_hold(tmp_path: Path) -> None:
    """Those of the table are refused; those of answers get spaces, and differ all the same."""
    source, output = tmp_path / "in.csv", tmp_path / "out.tsv"
    source.write_text('text,"a\tb"\nplain,1\n')
    with pytest.raises(OutputError, match=r"name of a column holds a tab.*Write \.csv, \.jsonl or \.parquet"):
        TsvWriter(open_table(source), ["text"], COLUMNS)
    source.write_text("text,p(a b)\nplain,1\n")
    columns = [AnswerColumn("0", "number", title="p(a\tb)"), AnswerColumn("1", "number", title="p(a\nb)")]
    writer = TsvWriter(open_table(source), ["text"], columns)
    writer.write(output, ListedAnswers(tmp_path, columns, [(0.25, 0.75)]))
    assert output.read_text() == "text\tp(a b)\tp(a b)_\tp(a b)__\nplain\t1\t0.25\t0.75\n"
