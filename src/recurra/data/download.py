"""Fetching an archive whose digest is known: continued where it was cut, unpacked safely, whole or not at all."""

from __future__ import annotations

import gzip
import hashlib
import re
import shutil
import tarfile
import tempfile
import zlib
from io import BufferedRandom
from pathlib import Path, PurePosixPath
from typing import IO

from recurra.data.resumed_download import BLOCK, download, partial_file
from recurra.errors import CatalogError, OutputError

MOST_BYTES = 2 << 30
"""Most that an archive may unpack to, unless more is said of it."""


def fetch_folder(
    url: str, digest: str, folder: Path, members: str, progress: bool = True, most_bytes: int = MOST_BYTES
) -> Path:
    """Download a .tar.gz and unpack its files below `folder`; return `folder`.

    digest: of the archive, as `md5:...` or `sha256:...`. members: regular expression of the paths in the archive to
    unpack; its first group is the path below `folder`. progress: show a bar on standard error. most_bytes: that it may
    unpack to. `folder` appears by one rename after all files are written.
    Raises CatalogError if the download fails, the digest differs or the archive is unsafe; OutputError if the
    files cannot be written; BusyError where another process is at it.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with (
            partial_file(folder.parent, folder.name) as archive,
            tempfile.TemporaryDirectory(prefix=".fetch-", dir=folder.parent) as staging,
        ):
            download(url, archive, "Fetch it by other means.", pinned=True, progress=progress)
            unpacked = Path(staging) / "unpacked"
            try:
                _check_digest(archive, digest, url)
                _unpack(archive, unpacked, re.compile(members), url, most_bytes)
            except CatalogError:
                archive.truncate(0)  # nothing that goes on from here would be better
                raise
            _put(unpacked, folder)
    except OSError as error:
        if isinstance(error, OutputError):
            raise
        raise OutputError(
            f"Cannot write the data set to {folder.parent}: {error.strerror or error}. "
            "Set RECURRA_CACHE to a folder with enough space."
        ) from None
    return folder


def _check_digest(archive: BufferedRandom, digest: str, url: str) -> None:
    kind, expected = digest.split(":")
    archive.seek(0)
    found = hashlib.file_digest(archive, lambda: hashlib.new(kind, usedforsecurity=False)).hexdigest()
    if found != expected:
        raise CatalogError(
            f"What {url} gave is not the expected archive: its {kind} digest is {found} and should be {expected}."
        )


def _unpack(archive: BufferedRandom, into: Path, members: re.Pattern[str], url: str, most_bytes: int) -> None:
    """Write the regular files whose paths match, one by one; names are checked, links and devices are never made."""
    total, files = 0, 0
    archive.seek(0)
    try:
        with tarfile.open(fileobj=archive, mode="r:gz") as tar:
            for member in tar:
                path = PurePosixPath(member.name)
                if path.is_absolute() or ".." in path.parts or "\\" in member.name:
                    raise CatalogError(f"The archive from {url} is unsafe: it holds the path {member.name!r}.")
                if member.issym() or member.islnk() or member.isdev():
                    raise CatalogError(f"The archive from {url} is unsafe: {member.name!r} is a link or a device.")
                match = members.fullmatch(member.name)
                if not member.isfile() or match is None:
                    continue
                total += member.size
                if total > most_bytes:
                    raise CatalogError(f"The archive from {url} unpacks to more than {most_bytes:,} bytes.")
                source = tar.extractfile(member)
                assert source is not None  # a regular file has content
                target = into / match.group(1)
                target.parent.mkdir(parents=True, exist_ok=True)
                _write(source, target)
                files += 1
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise CatalogError(f"The archive from {url} is damaged: {error}.") from None
    if not files:
        raise CatalogError(f"The archive from {url} holds none of the expected files.")


def _write(source: IO[bytes], target: Path) -> None:
    with target.open("wb") as file:
        shutil.copyfileobj(source, file, BLOCK)


def _put(unpacked: Path, folder: Path) -> None:
    try:
        unpacked.rename(folder)
    except OSError:
        if not folder.is_dir():  # else another process was quicker with the same files
            raise
