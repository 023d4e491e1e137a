"""An option of the dialect is heeded by some file that it is given with, or refused."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from recurra.data.tables.stated import check_heeded, dialect_of, named, stated
from recurra.data.tables.table import Dialect
from recurra.errors import OptionError
from recurra.options.reading import TableOptions


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("t.csv", "t.tsv", "t.txt", "t.txt.gz", "t.jsonl"):
        (tmp_path / name).write_text("text\nsome\n")
    (tmp_path / "ft.txt").write_text("__label__x some\n")
    pl.DataFrame({"text": ["some"]}).write_parquet(tmp_path / "t.parquet")
    (tmp_path / "classes" / "pos").mkdir(parents=True)
    return tmp_path


GIVEN: dict[str, Any] = {"delimiter": ";", "quote": "'", "escape": "\\", "header": False, "encoding": "latin-1"}
HEEDED = {
    "t.csv": set(GIVEN),
    "t.tsv": set(GIVEN),
    "t.txt": {"delimiter", "encoding"},
    "t.txt.gz": {"delimiter", "encoding"},
    "ft.txt": {"delimiter", "encoding"},
    "t.jsonl": {"encoding"},
    "classes": {"encoding"},
    "t.parquet": set(),
}


@pytest.mark.parametrize("name", GIVEN)
@pytest.mark.parametrize("file", HEEDED)
def test_what_a_kind_of_file_heeds(folder: Path, file: str, name: str) -> None:
    options = TableOptions(**{name: GIVEN[name]})
    if name in HEEDED[file]:
        check_heeded(options, [folder / file])
        return
    shown = "--no-header" if name == "header" else f"--{name}"
    with pytest.raises(OptionError, match=rf"^{shown} does nothing for .*{re.escape(file)}: .* Omit it"):
        check_heeded(options, [folder / file])


def test_with_a_delimiter_a_text_file_heeds_all(folder: Path) -> None:
    check_heeded(TableOptions(**GIVEN), [folder / "t.txt"])


def test_two_unheeded_options_are_both_named(folder: Path) -> None:
    with pytest.raises(OptionError, match=r"^--quote and --header do nothing for .*give --delimiter too"):
        check_heeded(TableOptions(quote="'", header=True), [folder / "t.txt"])


def test_one_of_several_files_is_enough(folder: Path) -> None:
    check_heeded(TableOptions(delimiter=";"), [folder / "t.jsonl", folder / "t.csv"])
    with pytest.raises(OptionError, match=r"t\.jsonl"):
        check_heeded(TableOptions(delimiter=";"), [folder / "t.jsonl", folder / "t.parquet"])


def test_what_was_not_given_is_not_judged(folder: Path) -> None:
    for file in HEEDED:
        check_heeded(TableOptions(), [folder / file])
    check_heeded(TableOptions(delimiter=";"), [folder / "missing.csv", folder / "t.what"])  # its reader will say so


def test_kinds_that_the_name_does_not_tell(folder: Path) -> None:
    path = folder / "t.csv"
    check_heeded(TableOptions(encoding="latin-1"), [path], {path: "lines"})
    with pytest.raises(OptionError, match="one text a line"):
        check_heeded(TableOptions(header=False), [path], {path: "lines"})
    with pytest.raises(OptionError, match=r"--encoding does nothing for .*: a named data set"):
        check_heeded(TableOptions(encoding="latin-1"), [path], {path: "named"})


def test_the_dialect_of_options(folder: Path) -> None:
    assert dialect_of(TableOptions(**GIVEN)) == Dialect(";", "'", False, "latin-1", "\\")
    assert stated(TableOptions(quote="", bad_rows="skip")) == {"quote"}
    assert TableOptions(delimiter="\\t").delimiter == "\t"
    with pytest.raises(OptionError, match="The quote and the escape cannot both be"):
        dialect_of(TableOptions(quote="'", escape="'"))
    assert [named(folder / name) for name in ("t.CSV", "t.tab.gz", "t.de", "classes")] == ["csv", "tsv", None, None]


def test_a_sheet_is_for_workbooks_and_a_format_for_any_file(folder: Path) -> None:
    check_heeded(TableOptions(format="csv"), [folder / "t.txt"])
    check_heeded(TableOptions(format="xlsx", sheet="one"), [folder / "t.csv"])
    for file in ("t.csv", "t.jsonl", "t.parquet"):
        with pytest.raises(OptionError, match=rf"^--sheet does nothing for .*{re.escape(file)}: .* Omit it"):
            check_heeded(TableOptions(sheet="one"), [folder / file])
    with pytest.raises(OptionError, match=r"^--format does nothing for .*classes: in a folder each file is a text"):
        check_heeded(TableOptions(format="csv"), [folder / "classes"])
