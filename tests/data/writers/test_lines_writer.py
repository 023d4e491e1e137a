"""A text file becomes another of as many lines."""

from __future__ import annotations

from pathlib import Path

from recurra.data.tables.readers import open_table
from recurra.data.writers.lines_writer import LinesWriter
from recurra.data.writers.writer import AnswerColumn
from support.answers import ListedAnswers


def test_each_line_is_the_answer_to_that_line(tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_text("one\n\nthree", encoding="utf-8")
    table = open_table(tmp_path / "in.txt")
    writer = LinesWriter(table, table.columns, [AnswerColumn("answer")])
    assert list(writer.inputs()) == [("one",), ("",), ("three",)]
    writer.write(tmp_path / "out.txt", ListedAnswers(tmp_path, writer.columns, [("Ä",), ("",), ("c",)]))
    assert (tmp_path / "out.txt").read_bytes() == "Ä\n\nc\n".encode()
