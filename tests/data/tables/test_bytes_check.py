"""The byte check: every kind of file that cannot be read without guessing is refused with the place and a hint."""

from __future__ import annotations

import gzip
import os
import re
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recurra.data.tables.bytes_check import BLOCK, check_bytes
from recurra.data.tables.readers import open_table
from recurra.data.tables.table import Dialect
from recurra.errors import OptionError, ReadError
from support.written_models import MODELS

SUFFIXES = (".csv", ".tsv", ".jsonl", ".txt")


def read(path: Path, encoding: str = "utf-8") -> list[tuple[str | None, ...]]:
    table = open_table(path, Dialect(encoding=encoding))
    return [row for batch in table.batches(table.columns) for row in batch]


@pytest.mark.parametrize(
    ("content", "guess"), [("t,l\nok,1\ncafé,2\n", "latin-1"), ("t,l\nok,1\n“café”,2\n", "cp1252")]
)
def test_latin_1_is_refused_with_its_place_and_read_with_the_option(tmp_path: Path, content: str, guess: str) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(content.encode(guess))
    with pytest.raises(ReadError) as caught:
        open_table(path)
    offset = content.encode(guess).index(content.split("\n")[2].encode(guess)) + (3 if guess == "latin-1" else 0)
    assert f"byte {offset}, line 3: byte 0x" in str(caught.value)
    assert f"--encoding {guess}" in str(caught.value)
    assert read(path, guess) == [tuple(line.split(",")) for line in content.split("\n")[1:3]]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_utf_16_and_32_with_a_mark_are_named(tmp_path: Path, encoding: str, suffix: str) -> None:
    path = tmp_path / f"t{suffix}"
    path.write_bytes('{"a": "é"}\n'.encode(encoding))
    with pytest.raises(ReadError, match=f"mark of {encoding.upper()}.*--encoding {encoding}`"):
        open_table(path)
    with pytest.raises(ReadError, match=f"--encoding {encoding}`"):
        open_table(path, Dialect(encoding="latin-1"))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig"])
def test_other_encodings_are_read_with_the_option(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes('t,l\n"é\r\nx",😀\n'.encode(encoding))
    assert read(path, encoding) == [("é\r\nx", "😀")]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark_is_recognised(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes("text,label\nplain words,1\n".encode(encoding))
    with pytest.raises(ReadError, match=f"NUL character.*try `--encoding {encoding}`"):
        open_table(path)


def test_a_byte_order_mark_is_dropped_once_and_only_in_front(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(b"\xef\xbb\xbftext,label\n\xef\xbb\xbfa,b\n")
    assert open_table(path).columns == ("text", "label")
    assert read(path) == [("\ufeffa", "b")]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_nul_is_refused_with_its_place(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"t{suffix}"
    path.write_bytes(b"a,b\r1,2\r\nx\0y,3\n")
    with pytest.raises(ReadError, match="byte 10, line 3: a NUL"):
        open_table(path)


@pytest.mark.parametrize("suffix", [*SUFFIXES, ".parquet", ".csv.gz"])
def test_an_empty_file_is_refused(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"t{suffix}"
    path.write_bytes(gzip.compress(b"") if suffix.endswith(".gz") else b"")
    with pytest.raises(ReadError, match="is empty"):
        open_table(path)


@pytest.mark.parametrize(
    ("content", "hint"),
    [(b"PAR1xxxx", r"\.parquet"), (b"\x1f\x8bxxx", r"\.gz"), (b"PK\x03\x04xx", "workbook"), (b"%PDF-1.7", "PDF")],
)
def test_other_files_under_a_text_name_are_recognised(tmp_path: Path, content: bytes, hint: str) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    with pytest.raises(ReadError, match=f"is not text: it is .*{hint}"):
        open_table(path)


def test_a_cut_or_altered_gzip_is_refused(tmp_path: Path) -> None:
    whole = gzip.compress(b"a,b\n" + b"1,2\n" * 10_000)
    for content in (whole[:-20], whole[:40] + b"\xff" * 4 + whole[44:], b"plain"):
        path = tmp_path / "t.csv.gz"
        path.write_bytes(content)
        with pytest.raises(ReadError, match="not a whole gzip file"):
            open_table(path)


@pytest.mark.parametrize("name", ["utf-9", "latin1x", "hex", "rot13", "unicode_escape", "idna", "a\0b"])
def test_an_unknown_encoding_is_an_option_error(tmp_path: Path, name: str) -> None:
    (tmp_path / "t.csv").write_bytes(b"a,b\n1,2\n")
    with pytest.raises(OptionError, match="Common ones"):
        open_table(tmp_path / "t.csv", Dialect(encoding=name))


@settings(max_examples=40, deadline=None)
@given(before=st.integers(-6, 6), bad=st.sampled_from([b"\xff", b"\xe2\x82", b"\xc3(", b"\xed\xa0\x80", b"\xf0\x9f"]))
def test_the_place_is_right_across_block_borders(
    tmp_path_factory: pytest.TempPathFactory, before: int, bad: bytes
) -> None:
    start = ("é\r\n" * (BLOCK // 4 + 2)).encode()[: BLOCK + before]
    good = start.decode("utf-8", "ignore").encode()  # whole characters only
    path = tmp_path_factory.mktemp("place") / "t.csv"
    path.write_bytes(good + bad + b"\nabc\n")
    lines = len(good.decode().replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    with pytest.raises(ReadError) as caught:
        check_bytes(path)
    assert f"byte {len(good):,}, line {lines:,}:" in str(caught.value)


def test_a_file_that_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="does not exist"):
        check_bytes(tmp_path / "none.csv")
    with pytest.raises(ReadError, match=r"Is a directory"):
        check_bytes(tmp_path)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_utf_16_or_32_that_a_file_is_not_in_is_an_error_that_names_the_option(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "plain.csv"
    path.write_text("text,label\nplain text of one byte a letter,x\n")
    with pytest.raises(ReadError, match=f"{encoding}.*--encoding"):
        check_bytes(path, encoding)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes with a name")
@pytest.mark.parametrize("kind", ["pipe", "socket", "device", "endless device"])
@pytest.mark.parametrize(
    "words",
    [
        ("train", "{data}", "--out", "{out}"),
        ("train", "{data}", "--task", "generate", "--out", "{out}"),
        ("train", "{data}", "--task", "tag", "--out", "{out}"),
        ("train", "{data}", "--task", "translate", "--target-file", "{lines}", "--out", "{out}"),
        ("train", "{data}", "--task", "chat", "--out", "{out}"),
        ("train", "{reviews}", "--test", "{data}", "--out", "{out}"),
        ("train", "{lines}", "--task", "translate", "--target-file", "{data}", "--out", "{out}"),
        ("compare", "{data}", "--out", "{out}"),
        ("evaluate", MODELS / "classify", "{data}"),
        ("evaluate", MODELS / "generate", "{data}"),
        ("evaluate", MODELS / "tag", "{data}"),
        ("evaluate", MODELS / "translate", "{data}", "--target-file", "{lines}"),
        ("evaluate", MODELS / "chat", "{data}"),
        ("predict", MODELS / "classify", "--input", "{data}", "--output", "{out}.csv"),
        ("predict", MODELS / "tag", "--input", "{data}", "--output", "{out}.conll"),
        ("predict", MODELS / "translate", "--input", "{data}", "--output", "{out}.txt"),
    ],
)
def test_what_cannot_be_read_twice_is_refused_at_once(
    cli: Callable[..., Any], tmp_path: Path, reviews: Path, monkeypatch: pytest.MonkeyPatch,
    words: tuple[Any, ...], kind: str,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)  # the path of a socket is short
    suffix = ".txt" if "--target-file" in words else ".csv"
    data = {"pipe": f"p{suffix}", "socket": f"s{suffix}", "device": "/dev/null", "endless device": "/dev/zero"}[kind]
    if kind == "pipe":
        os.mkfifo(data)
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(data)
    Path("lines.txt").write_text("a text\n")
    before = sorted(os.listdir())
    result = cli(*(str(word).format(data=data, out="m", reviews=reviews, lines="lines.txt") for word in words))
    assert (result.exit_code, result.stdout) == (1, ""), result.stderr
    assert re.search(rf"{data} (is a|does not exist, or is no)", result.stderr)
    assert sorted(os.listdir()) == before


def test_a_parquet_file_where_text_is_read(cli: Callable[..., Any], tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    path.write_bytes(b"PAR1 and more")
    result = cli("train", path, "--task", "generate", "--out", tmp_path / "m")
    assert result.exit_code == 1 and "into a .txt file first" in result.stderr and ".parquet" in result.stderr
