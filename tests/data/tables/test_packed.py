"""Packed files against what unpacks them elsewhere: the same rows, in bounded memory, and faults in words."""

from __future__ import annotations

import gzip
import random
import re
import sys
import tempfile
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from recurra.data.tables import packed
from recurra.data.tables.bytes_check import open_bytes
from recurra.data.tables.readers import open_table
from recurra.errors import ReadError


def zipped(path: Path, members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


PACK: dict[str, Callable[[Path, bytes], object]] = {
    ".gz": lambda path, content: path.write_bytes(gzip.compress(content)),
    ".zst": lambda path, content: path.write_bytes(zstandard.ZstdCompressor(write_checksum=True).compress(content)),
    ".zip": lambda path, content: zipped(
        path, {"inner/t.csv": content, "README.md": b"# x", "__MACOSX/._t.csv": b"\0"}
    ),
}


@settings(max_examples=60, deadline=None)
@given(content=st.binary(max_size=5000), times=st.integers(1, 300), kind=st.sampled_from(list(PACK)))
def test_what_was_packed_is_read_back(content: bytes, times: int, kind: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"t.csv{kind.upper()}"
        PACK[kind](path, content * times)
        with open_bytes(path) as file:
            assert file.read(7) == (content * times)[:7]
            assert file.read() == (content * times)[7:]
            assert file.read() == b""


@settings(max_examples=40, deadline=None)
@given(
    frames=st.lists(st.binary(max_size=3000), min_size=1, max_size=5), skippable=st.booleans(), level=st.integers(1, 19)
)
def test_several_frames_of_zstandard_are_one_file(frames: list[bytes], skippable: bool, level: int) -> None:
    between = b"\x50\x2a\x4d\x18\x04\x00\x00\x00skip" if skippable else b""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "t.csv.zst"
        path.write_bytes(between.join(zstandard.ZstdCompressor(level=level).compress(frame) for frame in frames))
        with open_bytes(path) as file:
            assert file.read() == b"".join(frames)


@pytest.mark.parametrize("kind", PACK)
def test_a_table_and_its_share(tmp_path: Path, kind: str) -> None:
    words = [f"w{random.Random(n).random()}" for n in range(40_000)]
    path = tmp_path / f"t.csv{kind}"
    PACK[kind](path, ("text\n" + "".join(f"{word}\n" for word in words)).encode())
    table = open_table(path)
    shares, found = [], []
    for batch in table.batches(["text"], 1000):
        found += [text for (text,) in batch]
        shares.append(table.share())
    assert found == words
    assert shares[:-1] == sorted(shares[:-1]) and 0 < (shares[2] or 0) < 0.7 < (shares[-2] or 0) <= 1


@pytest.mark.parametrize("kind", PACK)
def test_damage_is_named(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"t.csv{kind}"
    PACK[kind](path, b"text\n" + random.Random(0).randbytes(3000).hex().encode() + b"\nend\n")
    whole = path.read_bytes()
    for damaged in (whole[:-700], whole[:400] + bytes(9) + whole[409:]):
        path.write_bytes(damaged)
        with pytest.raises(ReadError, match=r"t\.csv\.\w+ is not a whole|not valid|holds no|NUL"):
            list(open_table(path).batches(["text"]))


def test_memory_stays_small_however_much_comes_out(tmp_path: Path) -> None:
    size = 300 << 20
    bomb = tmp_path / "t.txt.zst"
    with bomb.open("wb") as file, zstandard.ZstdCompressor(level=19).stream_writer(file) as writer:
        for _ in range(size >> 20):
            writer.write(bytes(1 << 20))
    assert bomb.stat().st_size < size / 5000
    tracemalloc.start()
    with open_bytes(bomb) as file:
        assert sum(len(block) for block in iter(lambda: file.read(1 << 20), b"")) == size
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 64 << 20


def test_an_archive_of_several_tables_names_them(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"b/one.csv": b"text\nx\n", "b/two.csv": b"text\ny\n", "c.txt": b"z\n"})
    with pytest.raises(
        ReadError, match=r"several tables: 'b/one\.csv', 'b/two\.csv', 'c\.txt'\. Name one, as in '.*::b"
    ):
        open_table(path)
    assert list(open_table(f"{path}::b/two.csv").batches(["text"])) == [[("y",)]]
    assert list(open_table(f"{path}::c.txt").batches(["text"])) == [[("z",)]]
    assert list(open_table(f"{path}::b/*.csv").batches(["text"])) == [[("x",), ("y",)]]
    with pytest.raises(ReadError, match=r"a\.zip holds no 'b/tow\.csv'\. Did you mean 'b/two\.csv'"):
        open_table(f"{path}::b/tow.csv")
    with pytest.raises(ReadError, match="No file matches"):
        open_table(f"{path}::*.tsv")
    with pytest.raises(ReadError, match="named twice"):
        open_table(f"{path}::b/one.csv + {path}::b/one.csv")


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({}, "holds no table: it is empty"),
        ({"a.pdf": b"x"}, r"holds no table: 'a\.pdf'\. Readable in an archive: \.csv"),
        ({"t.parquet": b"PAR1"}, "is not read from inside another. Unpack it first"),
    ],
)
def test_archives_without_a_table(tmp_path: Path, members: dict[str, bytes], reason: str) -> None:
    with pytest.raises(ReadError, match=reason):
        open_table(zipped(tmp_path / "a.zip", members))


def test_what_is_no_archive(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(b"text\nx\n")
    with pytest.raises(ReadError, match=r"a\.zip is not a whole ZIP archive"):
        open_table(tmp_path / "a.zip")
    with pytest.raises(ReadError, match=r"b\.zip does not exist\. Did you mean 'a\.zip'"):
        open_table(tmp_path / "b.zip")


def test_an_encrypted_member_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"t.csv": b"text\nx\n"}, zipfile.ZIP_STORED)
    content = bytearray(path.read_bytes())
    content[6] |= 1  # the flag of the member's own header, and of the directory's
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    with pytest.raises(ReadError, match=r"'t\.csv' cannot be read \(.*encrypted.*Unpack it first"):
        open_table(path)


def test_a_bomb_is_refused_before_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = zipped(tmp_path / "a.zip", {"t.csv": b"text\n" + b"x\n" * 3_000_000})
    assert sum(len(batch) for batch in open_table(path).batches(["text"])) == 3_000_000
    monkeypatch.setattr(packed, "MOST_UNPACKED", 1 << 20)
    with pytest.raises(ReadError, match=r"'t\.csv' unpacks from \S+ bytes to 6,000,005, as no table does"):
        open_table(path)


def test_a_size_that_is_not_true_ends_the_reading(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"t.csv": b"text\n" + b"x\n" * 1000})
    path.write_bytes(re.sub((2005).to_bytes(4, "little"), (99).to_bytes(4, "little"), path.read_bytes()))
    with pytest.raises(ReadError, match="is not a whole member of a ZIP archive"):
        open_table(path)


def test_without_zstandard_the_command_that_installs_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    PACK[".zst"](tmp_path / "t.csv.zst", b"text\nx\n")
    monkeypatch.setitem(sys.modules, "zstandard", None)
    with pytest.raises(ReadError, match=r"t\.csv\.zst: reading \.zst needs the package zstandard.*\[zstd\]"):
        open_table(tmp_path / "t.csv.zst")


def test_packed_data_under_another_name_say_what_they_are(tmp_path: Path) -> None:
    for kind, pack in PACK.items():
        pack(tmp_path / "t.csv", b"text\nx\n")
        with pytest.raises(ReadError, match=rf"the suffix .*\{kind}"):
            open_table(tmp_path / "t.csv")
