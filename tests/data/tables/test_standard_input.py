"""Standard input as a file: whole, private, gone afterwards, and known by its first bytes."""

from __future__ import annotations

import gzip
import io
import stat
import sys
import zipfile
from pathlib import Path

import polars as pl
import pytest

from recurra.data.tables.readers import open_table
from recurra.data.tables.standard_input import kept_file
from recurra.data.tables.table import Dialect
from recurra.errors import ReadError


def piped(patch: pytest.MonkeyPatch, content: bytes) -> None:
    patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))


def archive() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as written:
        written.writestr("inner/t.csv", "text\nx\n")
    return file.getvalue()


def parquet() -> bytes:
    file = io.BytesIO()
    pl.DataFrame({"text": ["x"]}).write_parquet(file)
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "stated"),
    [
        (b'[{"text": "x"}]', None),
        (b'{"data": [{"text": "x"}]}', None),
        (b'\xef\xbb\xbf {"text": "x"}\n{"text": "x"}\n', None),
        (b"__label__a x\n", None),
        (archive(), None),
        (parquet(), None),
        (b"text\nx\n", "csv"),
        (b"text\nx\n", "tsv"),
        (b"x\n", "txt"),
        (gzip.compress(b"text\nx\n"), "csv"),
    ],
    # Named by hand: packed content carries the time, and parallel workers must name the tests alike.
    ids=["array", "data", "lines", "fasttext", "zip", "parquet", "csv", "tsv", "txt", "gzip"],
)
def test_what_it_is_shows_or_is_stated(monkeypatch: pytest.MonkeyPatch, content: bytes, stated: str | None) -> None:
    piped(monkeypatch, content)
    table = open_table("-", Dialect(format=stated))
    for _ in range(2):  # it is read more than once
        assert {row for batch in table.batches(["text"]) for row in batch} == {("x",)}
    if stated:
        with pytest.raises(ReadError, match="say it with --format"):
            open_table("-")


def test_the_file_is_private_and_goes_with_the_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        piped(patch, b"x" * 3_000_000)
        path = kept_file()
        assert path.read_bytes() == b"x" * 3_000_000 and kept_file() == path
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert not path.parent.exists()


def test_a_terminal_is_no_data(monkeypatch: pytest.MonkeyPatch) -> None:
    piped(monkeypatch, b"")
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    for _ in range(2):
        with pytest.raises(ReadError, match="nothing is piped into it"):
            kept_file()
        monkeypatch.setattr(sys, "stdin", None)  # where it was closed


def test_a_fault_names_standard_input(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    piped(monkeypatch, b"a,b\n1\n")
    with pytest.raises(ReadError, match=r"^-, line 2: 1 field where 2"):
        list(open_table("-", Dialect(format="csv")).batches(["a"]))
    (tmp_path / "t.dat").write_text("text\nx\n")
    assert open_table(tmp_path / "t.dat", Dialect(format="csv")).columns == ("text",)
