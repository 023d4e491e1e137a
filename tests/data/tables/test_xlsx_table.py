"""Sheets of workbooks against openpyxl's own cells, and their faults."""

from __future__ import annotations

import re
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from recurra.data.tables import xlsx_table
from recurra.data.tables.readers import open_table
from recurra.data.tables.table import Dialect, Table
from recurra.errors import ColumnError, ReadError

TEXTS = st.text(st.characters(codec="utf-8"), max_size=30).filter(
    lambda text: not ILLEGAL_CHARACTERS_RE.search(text) and not re.search(r"_x[0-9A-Fa-f]{4}_|\r", text)
)


def written(path: Path, *sheets: Sequence[Sequence[Any]], names: Sequence[str] = ()) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for number, rows in enumerate(sheets):
        sheet = book.create_sheet(names[number] if names else f"sheet {number}")
        for row in rows:
            sheet.append(list(row))
    book.save(path)
    return path


def rows_of(table: Table) -> list[tuple[str | None, ...]]:
    return [row for batch in table.batches(table.columns) for row in batch]


@settings(max_examples=50, deadline=None)
@given(rows=st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=8).filter(lambda rows: any(map(any, rows))))
def test_what_openpyxl_writes_is_read_back(rows: list[tuple[str, str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        book = openpyxl.Workbook()
        book.active.append(["text", "label"])
        for number, row in enumerate(rows, 2):
            for place, text in enumerate(row, 1):
                cell = book.active.cell(number, place, text)
                cell.data_type = "s"  # also what looks like a formula or an error
        book.save(Path(folder) / "t.xlsx")
        table = open_table(Path(folder) / "t.xlsx")
        assert (table.format, table.columns) == ("xlsx", ("text", "label"))
        assert rows_of(table) == [(text or None, label or None) for text, label in rows if text or label]


def test_values_become_text(tmp_path: Path) -> None:
    values = [5, 5.0, 1.5, True, date(2024, 1, 31), datetime(2024, 1, 31, 12, 5), time(3, 4), "007", "NA", None, "x"]
    path = written(tmp_path / "t.xlsx", [[f"c{n}" for n in range(len(values))], values])
    assert rows_of(open_table(path)) == [
        ("5", "5", "1.5", "true", "2024-01-31", "2024-01-31 12:05:00", "03:04:00", "007", "NA", None, "x")
    ]


def test_the_sheet_is_the_only_filled_one_or_named(tmp_path: Path) -> None:
    table = [["text"], ["x"]]
    assert rows_of(open_table(written(tmp_path / "t.xlsx", [], table, [[None, ""]]))) == [("x",)]
    path = written(tmp_path / "t.xlsx", table, [["text"], ["y"]], names=("one", "two"))
    with pytest.raises(ReadError, match=r"several sheets: 'one', 'two'\. Name the one to read with --sheet"):
        open_table(path)
    assert rows_of(open_table(path, Dialect(sheet="two"))) == [("y",)]
    with pytest.raises(ReadError, match=r"no sheet 'tow'\. Did you mean 'two'\?.* Its sheets: 'one', 'two'"):
        open_table(path, Dialect(sheet="tow"))
    with pytest.raises(ReadError, match="is empty"):
        open_table(written(tmp_path / "t.xlsx", [], []))
    with pytest.raises(ReadError, match=r"'sheet 0' has columns .* but no rows"):
        rows_of(open_table(written(tmp_path / "t.xlsx", [["text"]])))


def test_blank_rows_unnamed_columns_and_no_header(tmp_path: Path) -> None:
    path = written(tmp_path / "t.xlsx", [[], [None, "text"], [], [1, "x", None], [2], [None, "y"]])
    table = open_table(path)
    assert table.columns == ("column0", "text")
    assert rows_of(table) == [("1", "x"), ("2", None), (None, "y")]
    table = open_table(path, Dialect(header=False))
    assert (table.columns, len(rows_of(table))) == (("column0", "column1"), 4)
    with pytest.raises(ColumnError, match="2 columns named 'text'"):
        rows_of(open_table(written(tmp_path / "t.xlsx", [["text", "text"], ["x", "y"]])))


def test_a_row_with_a_cell_beside_the_table_is_named_and_can_be_skipped(tmp_path: Path) -> None:
    path = written(tmp_path / "t.xlsx", [["text"], ["x"], [], ["y", None, "note"], ["z"]])
    with pytest.raises(ReadError, match=r"t\.xlsx, sheet 'sheet 0', row 4: 3 cells where 1 are expected"):
        rows_of(open_table(path))
    table = open_table(path, bad_rows="skip", rejects_path=tmp_path / "r.csv")
    assert rows_of(table) == [("x",), ("z",)] and table.rejected == 1
    assert (tmp_path / "r.csv").read_text().splitlines()[1].startswith("4,3 cells")


@pytest.mark.parametrize("damage", ["no zip", "no workbook", "broken sheet", "entities"])
def test_damage(tmp_path: Path, damage: str) -> None:
    path, out = written(tmp_path / "whole.xlsx", [["text"], ["x"]]), tmp_path / "t.xlsx"
    if damage == "no zip":
        out.write_bytes(path.read_bytes()[:-50])
    else:
        with zipfile.ZipFile(path) as read, zipfile.ZipFile(out, "w") as write:
            for name in read.namelist():
                content = read.read(name)
                if name == "xl/workbook.xml" and damage == "no workbook":
                    continue
                if name.startswith("xl/worksheets/") and damage == "broken sheet":
                    content = content[:-30]
                if name.startswith("xl/worksheets/") and damage == "entities":
                    content = b'<!DOCTYPE x [<!ENTITY a "b">]>' + content.replace(b"<v>0", b"<v>&a;")
                write.writestr(name, content)
    with pytest.raises(ReadError, match=r"t\.xlsx is not a sound Excel workbook"):
        rows_of(open_table(out))


def test_what_unpacks_to_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path / "t.xlsx", [["text"], ["x" * 5000]])
    monkeypatch.setattr(xlsx_table, "LARGEST_PART", 5000)
    with pytest.raises(ReadError, match=r"xl/\S+ unpacks to \S+ bytes; at most 5,000"):
        open_table(path)


def test_a_cell_far_away_costs_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book = openpyxl.Workbook()
    book.active["A1"], book.active["A2"], book.active["A3000"] = "text", "x", "y"
    book.active.cell(2, 16_384).value = "far"
    book.save(tmp_path / "t.xlsx")
    table = open_table(tmp_path / "t.xlsx", bad_rows="skip")
    assert rows_of(table) == [("y",)] and table.rejected == 1
    monkeypatch.setattr(xlsx_table, "MOST_ROWS", 2000)
    with pytest.raises(ReadError, match="more than 2,000 rows"):
        rows_of(table)


def test_without_openpyxl_the_command_that_installs_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path / "t.xlsx", [["text"], ["x"]])
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(ReadError, match=r"t\.xlsx: reading \.xlsx needs the package openpyxl.*\[excel\]"):
        open_table(path)
