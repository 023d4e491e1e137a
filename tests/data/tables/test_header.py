"""A first row that is no header, and a delimiter that is another, are seen; ordinary headers are let be."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from recurra.data.tables.header import check_lines, delimiter_hint, header_hint, looks_like_data, unsplit_hint
from recurra.data.tables.readers import open_table
from recurra.data.tables.table import PLAIN, Dialect, Table
from recurra.errors import ColumnError

BODY = [f"{('ham', 'spam')[n % 2]},the film was {('good', 'bad')[n % 2]} and long number{n}" for n in range(50)]


def table(folder: Path, *lines: str, name: str = "t.csv", dialect: Dialect = PLAIN) -> Table:
    (folder / name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return open_table(folder / name, dialect)


@pytest.mark.parametrize(
    "header",
    [
        "ham,the film was good",  # both are values
        "ham,anything",  # a label that comes again
        "other,the film was bad and long",  # a text of words that come again
        "other,the film was bad and long novel",  # a sentence most of whose words do
        "x,one two three four five six seven eight nine ten eleven twelve",  # a text by its length
    ],
)
def test_data_in_place_of_a_header(tmp_path: Path, header: str) -> None:
    found = table(tmp_path, header, *BODY)
    assert looks_like_data(found)
    assert "--no-header" in header_hint(found) and "column0 to column1" in header_hint(found)


@pytest.mark.parametrize(
    "header",
    [
        "label,text",
        "Label, Review Text ",
        "v1,v2",
        "0,1",
        ",comment",
        "Bewertung,Was hat Ihnen am Film gefallen?",
        "sentiment (human rated),the text of each review",
        "mark,How good or bad was the service of our staff?",
    ],
)
def test_ordinary_headers(tmp_path: Path, header: str) -> None:
    found = table(tmp_path, header, *BODY)
    assert not looks_like_data(found) and header_hint(found) == ""


def test_a_header_that_comes_again_as_a_whole_is_one(tmp_path: Path) -> None:
    assert not looks_like_data(table(tmp_path, "label,text", *BODY, "label,text", *BODY))


def test_a_known_name_beside_it_makes_a_short_name_one(tmp_path: Path) -> None:
    found = table(tmp_path, "text,spam", "some words,spam", "other words,ham")
    assert looks_like_data(found)
    assert not looks_like_data(found, known={"text"})


def test_only_a_table_whose_header_was_not_denied_has_one(tmp_path: Path) -> None:
    assert not looks_like_data(table(tmp_path, *BODY, dialect=Dialect(header=False)))
    assert not looks_like_data(table(tmp_path, '{"ham": "ham"}', name="t.jsonl"))
    assert not looks_like_data(table(tmp_path, "ham,ham", "ham,ham", "x,ham"))  # named twice: refused elsewhere


def test_broken_rows_are_passed_over_and_not_written_down(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("ham,text\nx\nham,good\n")
    found = open_table(tmp_path / "t.csv", bad_rows="skip", rejects_path=tmp_path / "rejects")
    assert looks_like_data(found)
    assert not (tmp_path / "rejects").exists() and found.rejected == 0


@pytest.mark.parametrize(
    ("columns", "mark"),
    [
        (["a;b"], ";"),
        (["a\tb"], r"\t"),
        (["a|b|c"], "|"),
        (["a,b"], ","),
        (["Nr;Text", " long;Datum"], ";"),
        (["text~label"], "~"),
        (["text^label"], "^"),
        (["id:text:label"], ":"),
    ],
)
def test_names_that_hold_a_delimiter(columns: list[str], mark: str) -> None:
    assert f"give `--delimiter '{mark}'`" in delimiter_hint(columns)


@pytest.mark.parametrize(
    "columns",
    [
        ["text"], ["id", "text"], ["name; first", "text", "label"], [], ["text:"], ["full-text"], ["text (en)"],
        ["it's", "text"], ["'"], ["a:b", "text"], ["", "text"],
    ],
)  # fmt: skip
def test_names_that_hold_none(columns: list[str]) -> None:
    assert delimiter_hint(columns) == ""


def test_names_in_quotes() -> None:
    assert """give `--quote "'"`""" in delimiter_hint(["'text'", "'label'"])
    assert "give `--quote '\"'`" in delimiter_hint(['"text"', '"label"'])
    assert delimiter_hint(['"text"', "label"]) == ""


def test_lines_below_names_of_columns_are_no_texts(tmp_path: Path) -> None:
    for mark, shown in ((",", ","), (";", ";"), ("|", "|"), ("\t", r"\t")):
        found = table(tmp_path, f'1{mark}" Text"{mark}x', f"2{mark}a{mark}b, c", name="t.txt")
        with pytest.raises(ColumnError, match=re.escape(f"--delimiter '{shown}'")):
            check_lines(found, [None, "text"])
        check_lines(found, ["review"])
    for lines in (["text"], ["text, you know", "a line without"], ["a text, b", "c, d"], [""]):
        check_lines(table(tmp_path, *lines, name="t.txt"), ["text"])
    check_lines(table(tmp_path, "text,label", "a,b"), ["text"])


def test_lines_that_were_not_split(tmp_path: Path) -> None:
    assert r"--delimiter '\t'" in unsplit_hint(table(tmp_path, "a\tb", "c d\te", name="t.txt"))
    for mark in ";|":
        assert f"--delimiter '{mark}'" in unsplit_hint(table(tmp_path, *[f"a {mark} b"] * 4, name="t.txt"))
    for lines in (("a b", "c d"), ("a\tb", "c"), ("a\tb",), ("a, b",) * 4, ("a; b", "c; d"), ("a;",) * 3 + ("c",)):
        assert unsplit_hint(table(tmp_path, *lines, name="t.txt")) == ""
    whole = table(tmp_path, "a;b", "c d;e", dialect=Dialect(header=False))
    assert "--delimiter ';'" in unsplit_hint(whole)
    assert unsplit_hint(table(tmp_path, "a;b", "c;d", dialect=Dialect(";", header=False))) == ""
