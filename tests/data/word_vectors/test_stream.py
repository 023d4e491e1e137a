"""Bytes of a file, packed or not, and its digest."""

from __future__ import annotations

import gzip
import hashlib
import os
from pathlib import Path

import pytest

from recurra.data.word_vectors.stream import digest, opened
from recurra.errors import ReadError


@pytest.mark.parametrize("name", ["file", "file.gz"])
def test_gzip_is_known_by_its_content(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    for content in (b"the 1 2\n" * 9, gzip.compress(b"the 1 2\n" * 9)):
        path.write_bytes(content)
        with opened(path) as file:
            assert file.read() == b"the 1 2\n" * 9


def test_a_damaged_gzip_is_no_whole_file(tmp_path: Path) -> None:
    path, whole = tmp_path / "file.gz", gzip.compress(os.urandom(5000))
    for content in (whole[:2000], whole[:-4], whole[:500] + b"\xff\xff\xff" + whole[503:]):
        path.write_bytes(content)
        with pytest.raises(ReadError, match="not a whole gzip file"), opened(path) as file:
            file.read()


def test_the_digest_is_sha256_and_follows_the_content(tmp_path: Path) -> None:
    path = tmp_path / "file"
    for content in (b"one", b"another"):
        path.write_bytes(content)
        assert digest(path) == hashlib.sha256(content).hexdigest()
    with pytest.raises(ReadError, match="folder"):
        digest(tmp_path)
    with pytest.raises(ReadError, match="does not exist"):
        digest(tmp_path / "none")
