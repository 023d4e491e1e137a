"""A file is read as the training's was, unless it plainly is written another way or the command says so."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from recurra.data.tables.csv_table import CsvTable
from recurra.data.tables.learnt import (
    NOTHING,
    Learnt,
    check_width,
    facts,
    learnt_by,
    learnt_encoding,
    open_like_training,
)
from recurra.data.tables.readers import open_table
from recurra.data.tables.table import Dialect, Row, Table
from recurra.errors import ArtefactError, ColumnError, ReadError
from recurra.options.reading import EncodingOptions, TableOptions
from recurra.terminal.progress import Reporter

QUIET = Reporter(quiet=True)
CONFIG = {"delimiter": None, "quote": None, "escape": None, "header": True, "encoding": "utf-8", "hidden": 4}


class Told(Reporter):
    """Keeps what is reported."""

    def __init__(self) -> None:
        super().__init__(quiet=True)
        self.said: list[str] = []

    def info(self, message: str) -> None:
        self.said.append(message)


def with_text(columns: Sequence[str]) -> bool:
    return "Text" in columns


def opened(path: Path, learnt: dict[str, Any], *, form: str | None = "csv", reporter: Reporter = QUIET, **options: Any):  # type: ignore[no-untyped-def]
    known = Learnt(learnt, format=form)
    return open_like_training(path, TableOptions(**options), known, with_text, reporter)


def rows(table: Table) -> list[Row]:
    return [row for batch in table.batches(table.columns) for row in batch]


def written(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def test_a_manifest_says_what_training_was_told() -> None:
    told = Learnt.of({**CONFIG, "delimiter": ";", "header": False, "quote": ""}, {"columns": 3, "format": "csv"})
    assert told == Learnt({"delimiter": ";", "header": False, "quote": ""}, 3, "csv")
    assert Learnt.of(CONFIG, {}) == NOTHING
    assert Learnt.of({}, {"columns": "3", "format": None}) == NOTHING  # as of a model of long ago
    assert learnt_by(None) == NOTHING
    assert learnt_by(SimpleNamespace(config={"escape": "\\"}, data={})).dialect == {"escape": "\\"}


@pytest.mark.parametrize(
    "wrong",
    [{"delimiter": 5}, {"delimiter": ";;"}, {"header": None}, {"encoding": "klingon"}, {"encoding": "\ud800"},
     {"quote": ";", "delimiter": ";"}, {"escape": "\n"}, {"encoding": []}],
)  # fmt: skip
def test_a_manifest_that_cannot_be(wrong: dict[str, Any]) -> None:
    with pytest.raises(ArtefactError, match=r"manifest\.json"):
        Learnt.of({**CONFIG, **wrong}, {})


@pytest.mark.parametrize(("mark", "other"), [(mark, other) for mark in ";\t|," for other in ";\t|," if mark != other])
def test_each_delimiter_is_kept_and_no_other_is_taken_for_it(tmp_path: Path, mark: str, other: str) -> None:
    table = opened(written(tmp_path / "a.csv", f"Nr{mark}Text\n1{mark}a{other} b\n"), {"delimiter": mark})
    assert (table.columns, rows(table)) == (("Nr", "Text"), [("1", f"a{other} b")])
    another = opened(written(tmp_path / "b.csv", f"Nr{other}Text\n1{other}a\n"), {"delimiter": mark})
    if other == ",":  # the usual one of .csv, which leads to the column
        assert rows(another) == [("1", "a")]
    else:
        assert another.columns == (f"Nr{other}Text",)  # for the task to refuse


def test_what_is_stated_wins(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", "Nr,Text\n1;2,a\n")
    assert rows(opened(path, {"delimiter": ";"}, delimiter=",")) == [("1;2", "a")]
    assert opened(path, {}, header=False).columns == ("column0", "column1")
    assert opened(path, {"header": False}, header=True).columns == ("Nr", "Text")


def test_quotes_escapes_and_marks_are_kept(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", "\ufeff'Text';'n'\n'a;''b''';1\n'c\\'d';2\n")
    table = opened(path, {"delimiter": ";", "quote": "'", "escape": "\\"})
    assert rows(table) == [("a;'b'", "1"), ("c'd", "2")]
    named = written(tmp_path / "b.csv", 'sep=,\n"Text","n"\n"a;b",1\n')
    assert rows(opened(named, {"delimiter": ";"})) == [("a;b", "1")]


def test_a_quoted_header_between_other_delimiters_is_read_with_the_usual_one(tmp_path: Path) -> None:
    table = opened(written(tmp_path / "a.csv", '"Nr","Text"\n"1","a;b"\n'), {"delimiter": ";"})
    assert rows(table) == [("1", "a;b")]
    with pytest.raises(ReadError, match="line 1"):
        opened(written(tmp_path / "b.csv", '"Nr" | "Text"\n"1" | "a"\n'), {"delimiter": ";"})


def test_the_encoding_is_kept_unless_the_file_plainly_is_utf_8(tmp_path: Path) -> None:
    said = Told()
    western = written(tmp_path / "a.csv", "Text\ncafé\n", "cp1252")
    assert rows(opened(western, {"encoding": "cp1252"}, reporter=said)) == [("café",)]
    assert said.said == ["Reading as in training: --encoding 'cp1252'."]
    modern = written(tmp_path / "b.csv", "Text\ncafé\n")
    assert rows(opened(modern, {"encoding": "cp1252"}, reporter=said)) == [("café",)]
    assert "is in UTF-8" in said.said[-1]
    marked = written(tmp_path / "c.csv", "\ufeffText\ncafe\n")
    assert rows(opened(marked, {"encoding": "cp1252"})) == [("cafe",)]
    wide = written(tmp_path / "d.csv", "Text\ncafé\n", "utf-16")
    assert rows(opened(wide, {"encoding": "utf-16"})) == [("café",)]
    plain = written(tmp_path / "e.csv", "Text\ncafe\n")
    assert rows(opened(plain, {"encoding": "utf-16"})) == [("cafe",)]
    assert rows(opened(modern, {"encoding": "utf-16"}, encoding="latin-1")) == [("cafÃ©",)]
    states = written(tmp_path / "f.csv", "Text\n日本語\n", "iso2022_jp")  # seven bits a byte, as ASCII
    assert rows(opened(states, {"encoding": "iso2022_jp"})) == [("日本語",)]


def test_files_without_a_dialect_do_not_mind_one(tmp_path: Path) -> None:
    told = {"delimiter": ";", "quote": "'", "header": False}
    lines = written(tmp_path / "a.txt", "one; two\nthree; four\n")
    assert rows(opened(lines, told)) == [("one; two",), ("three; four",)]
    objects = written(tmp_path / "a.jsonl", '{"Text": "a;b"}\n')
    assert rows(opened(objects, told)) == [("a;b",)]


def test_a_text_file_is_a_table_where_the_trainings_was_one(tmp_path: Path) -> None:
    told = {"delimiter": "\t"}
    table = written(tmp_path / "a.txt", "Nr\tText\n1\ta\n")
    assert rows(opened(table, told, form="txt")) == [("1", "a")]
    lines = written(tmp_path / "b.txt", "a\nb\n")
    assert rows(opened(lines, told, form="txt")) == [("a",), ("b",)]
    other = opened(written(tmp_path / "c.txt", "x\ty\n1\ta\n"), told, form="txt")
    assert other.columns == ("x", "y")  # for the task to refuse: its lines are no texts


def test_the_width_is_what_tells_columns_without_names(tmp_path: Path) -> None:
    table = CsvTable(written(tmp_path / "a.csv", "a,b\nc,d\n"), Dialect(header=False))
    check_width(table, Learnt(columns=2), "--text")
    check_width(table, NOTHING, "--text")
    with pytest.raises(ColumnError, match=r"2 columns and no header.*had 3.*`--text column0`"):
        check_width(table, Learnt(columns=3), "--text")
    whole = CsvTable(written(tmp_path / "b.csv", "a;b\nc;d\n"), Dialect(header=False))
    for known in (Learnt(columns=2), NOTHING):
        with pytest.raises(ColumnError, match=r"1 column and no header.*--delimiter ';'"):
            check_width(whole, known, "--text")
    named = CsvTable(tmp_path / "a.csv", Dialect())
    check_width(named, Learnt(columns=9), "--text")


def test_facts_are_read_back(tmp_path: Path) -> None:
    table = open_table(written(tmp_path / "a.txt", "a\tb\n"), Dialect(delimiter="\t"))
    assert Learnt.of({}, facts(table)) == Learnt(columns=2, format="txt")


def test_the_encoding_of_a_text(tmp_path: Path) -> None:
    learnt, path = Learnt({"encoding": "cp1252"}), written(tmp_path / "a.txt", "café", "cp1252")
    assert learnt_encoding(path, EncodingOptions(), learnt, QUIET) == "cp1252"
    assert learnt_encoding(path, EncodingOptions(encoding="utf-8"), learnt, QUIET) == "utf-8"
    assert learnt_encoding(written(tmp_path / "b.txt", "café"), EncodingOptions(), learnt, QUIET) == "utf-8"
    assert learnt_encoding(tmp_path / "none.txt", EncodingOptions(), learnt, QUIET) == "utf-8"
