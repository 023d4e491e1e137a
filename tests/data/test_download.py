"""Archives that are fetched: safe and whole ones are unpacked, others leave nothing."""

from __future__ import annotations

import hashlib
import os
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import pytest

from recurra.data import catalog
from recurra.data.download import fetch_file, fetch_folder, take_file
from recurra.errors import CatalogError, OutputError
from support.archives import Site, archive_of


def md5(content: bytes) -> str:
    return f"md5:{hashlib.md5(content, usedforsecurity=False).hexdigest()}"


def at(site: Site, content: bytes) -> str:
    """Put an archive behind an address, and return that."""
    site.files["/a.tar.gz"] = content
    return f"{site.base}/a.tar.gz"


def _link(info: tarfile.TarInfo) -> None:
    info.type, info.linkname, info.size = tarfile.SYMTYPE, "/etc/passwd", 0


@pytest.mark.parametrize(
    ("files", "change", "reason"),
    [
        ({"aclImdb/train/pos/../../../../evil.txt": b"x"}, None, "holds the path"),
        ({"/aclImdb/train/pos/1.txt": b"x"}, None, "holds the path"),
        ({"aclImdb/train/pos/1.txt": b""}, _link, "is a link"),
        ({"other/1.txt": b"x"}, None, "none of the expected files"),
    ],
)
def test_unsafe_archives_are_refused(
    tmp_path: Path,
    site: Site,
    files: dict[str, bytes],
    change: Callable[[tarfile.TarInfo], None] | None,
    reason: str,
) -> None:
    archive = archive_of(files, change)
    with pytest.raises(CatalogError, match=reason):
        fetch_folder(
            at(site, archive), md5(archive), tmp_path / "into" / "aclImdb", catalog.IMDB_MEMBERS, progress=False
        )
    assert list((tmp_path / "into").iterdir()) == []


def test_a_damaged_archive_with_the_right_digest_is_refused(tmp_path: Path, site: Site) -> None:
    for content in (
        b"no archive",
        archive_of({f"aclImdb/train/pos/{n}.txt": os.urandom(99) for n in range(200)})[:9000],
    ):
        with pytest.raises(CatalogError, match="is damaged"):
            fetch_folder(at(site, content), md5(content), tmp_path / "a", catalog.IMDB_MEMBERS, progress=False)
    assert not (tmp_path / "a").exists()


HELLO = b"hello\n"
IN_GIT = "git:ce013625030ba8dba906f756967f9e9ca394464a"
"""What `git hash-object` says of HELLO."""


def upper(file: BinaryIO, path: Path) -> None:
    path.write_bytes(file.read().upper())


def test_a_file_is_made_of_one_that_is_checked_by_its_name_in_git(tmp_path: Path, site: Site) -> None:
    path = tmp_path / "into" / "a.txt"
    assert fetch_file(at(site, HELLO), IN_GIT, path, upper, progress=False) == path
    assert (path.read_bytes(), os.listdir(path.parent)) == (b"HELLO\n", ["a.txt"])
    (tmp_path / "given").write_bytes(HELLO)
    take_file(tmp_path / "given", IN_GIT, tmp_path / "taken", upper)
    assert (tmp_path / "taken").read_bytes() == b"HELLO\n"
    (tmp_path / "given").write_bytes(HELLO + HELLO)
    with pytest.raises(CatalogError, match="given is not the published file: its git digest is"):
        take_file(tmp_path / "given", IN_GIT, tmp_path / "other", upper)
    assert not (tmp_path / "other").exists()


def test_a_conversion_that_fails_leaves_what_was_there(tmp_path: Path, site: Site) -> None:
    path = tmp_path / "into" / "a.txt"
    path.parent.mkdir()
    path.write_bytes(b"before")

    def fails(file: BinaryIO, staging: Path) -> None:
        staging.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    with pytest.raises(OutputError, match=r"No space left on device.* Set RECURRA_CACHE"):
        fetch_file(at(site, HELLO), IN_GIT, path, fails, progress=False)
    assert (path.read_bytes(), os.listdir(path.parent)) == (b"before", ["a.txt"])
