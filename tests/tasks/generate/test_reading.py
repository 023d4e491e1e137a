"""Reading a text as a whole: what is taken as it is, what is refused, and how it is said."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recurra.errors import OptionError, ReadError
from recurra.tasks.generate.reading import read_text, table_name


def test_line_ends_become_one_kind_and_a_mark_is_dropped(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("\ufeffé\r\nb\rc\n".encode())
    assert read_text(path) == "é\nb\nc\n"
    path.write_bytes("é\r\n".encode("utf-16"))
    assert read_text(path, "utf-16") == "é\n"


def test_gzip_is_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "a.txt.gz"
    path.write_bytes(gzip.compress(b"abc"))
    assert read_text(path) == "abc"
    path.write_bytes(gzip.compress(b"abc" * 9999)[:-9])
    with pytest.raises(ReadError, match="gzip"):
        read_text(path)


@given(text=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r\ufeff"), min_size=1))
def test_any_other_text_is_read_as_it_is(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.getbasetemp() / "any.txt"
    path.write_bytes(text.encode())
    if not text.encode().startswith((b"PAR1", b"\x1f\x8b", b"PK\x03\x04", b"%PDF")):
        assert read_text(path) == text


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        ("\ufeff".encode(), "no text"),
        (b"a\nb\0c", "line 2: a NUL character"),
        (b"caf\xe9\n", r"byte 3, line 1: byte 0xe9 is not valid utf-8.*--encoding latin-1"),
        ("abc".encode("utf-16"), "--encoding utf-16"),
        (b"%PDF-1.7 ...", "is not text: it is a PDF"),
    ],
)
def test_what_is_no_text_is_refused(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(content)
    with pytest.raises(ReadError, match=words):
        read_text(path)


def test_a_place_that_is_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="does not exist"):
        read_text(tmp_path / "none.txt")
    with pytest.raises(ReadError, match="is a folder"):
        read_text(tmp_path)
    (tmp_path / "a.txt").write_text("abc")
    with pytest.raises(OptionError, match="Unknown encoding 'utf-9'"):
        read_text(tmp_path / "a.txt", "utf-9")


def test_a_text_beyond_the_limit_is_refused_with_a_way_out(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("abcdef")
    assert read_text(path, limit=6) == "abcdef"
    with pytest.raises(ReadError, match=r"more than 5 characters.*head -c 5"):
        read_text(path, limit=5)


def test_tables_are_known_by_name() -> None:
    assert table_name(Path("a.csv")) == table_name(Path("a.CSV.gz")) == "CSV"
    assert table_name(Path("a.txt")) is table_name(Path("a.txt.gz")) is None
