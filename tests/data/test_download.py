"""Archives that are fetched: safe and whole ones are unpacked, others leave nothing."""

from __future__ import annotations

import hashlib
import os
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from recurra.data import catalog
from recurra.data.download import fetch_folder
from recurra.errors import CatalogError
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
