"""Workbooks and archives, damaged: read as what wrote them meant, or refused in words."""

from __future__ import annotations

import io
import tempfile
import zipfile
from pathlib import Path

import openpyxl
from hypothesis import strategies as st

from recurra.data.tables.readers import open_table
from recurra.errors import RecurraError
from support.damage import INTERESTING, damaged
from support.fuzzing import fuzzed
from support.whole_commands import in_sentences

ROWS = [("text", "label"), ("w1 w2", "pos"), ("é, 日本", "neg"), ("w3", "pos")]
CELL_WORDS = (*INTERESTING, b"<v>", b"</v>", b' r="XFD1048576"', b' t="s"', b"<row ", b"<c ", b"&#0;", b"99999999999")


def workbook() -> dict[str, bytes]:
    """Return the parts of a good workbook."""
    file, book = io.BytesIO(), openpyxl.Workbook()
    for row in ROWS:
        book.active.append(row)
    book.save(file)
    with zipfile.ZipFile(file) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content, method)
    return file.getvalue()


WORKBOOK = workbook()
CSV = "".join(f"{text!r},{label}\n".replace("'", '"') for text, label in ROWS).encode()


@st.composite
def workbooks(draw: st.DrawFn) -> bytes:
    """Draw a workbook, one part or all of its bytes damaged."""
    if draw(st.booleans()):
        return draw(damaged(packed(WORKBOOK)))
    name = draw(st.sampled_from(sorted(WORKBOOK)))
    return packed(WORKBOOK | {name: draw(damaged(WORKBOOK[name], CELL_WORDS))})


def read(name: str, content: bytes) -> list[tuple[str | None, ...]] | None:
    """Return the rows of a file; None where it is refused in words."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        try:
            table = open_table(path)
            return [row for batch in table.batches(table.columns, size=2) for row in batch]
        except RecurraError as error:
            in_sentences(str(error))
            return None


@fuzzed(120, content=workbooks())
def test_workbooks(content: bytes) -> None:
    rows = read("t.xlsx", content)
    assert rows is None or all(isinstance(cell, str) or cell is None for row in rows for cell in row)


@fuzzed(200, content=damaged(packed({"in/t.csv": CSV})), stored=damaged(packed({"t.csv": CSV}, zipfile.ZIP_STORED)))
def test_archives(content: bytes, stored: bytes) -> None:
    for archive in (content, stored):
        rows = read("t.zip", archive)
        assert rows in (None, ROWS[1:]), "a member's checksum stands for its content"
