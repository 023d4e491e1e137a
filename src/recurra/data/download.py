"""Fetching an archive or a file whose digest is known: continued where it was cut, whole or not at all.

An archive is unpacked safely; of a file another one may be made, such as a table in another form.
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import os
import re
import shutil
import tarfile
import tempfile
import zlib
from collections.abc import Callable, Iterator
from io import BufferedRandom
from pathlib import Path, PurePosixPath
from typing import IO, BinaryIO

from recurra.data.resumed_download import BLOCK, download, partial_file
from recurra.errors import CatalogError, OutputError

MOST_BYTES = 2 << 30
"""Most that an archive may unpack to, unless more is said of it."""

Convert = Callable[[BinaryIO, Path], None]
"""Makes a file of a fetched one: (the fetched one, open at its beginning; where to write)."""


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
    with (
        _written_below(folder.parent),
        partial_file(folder.parent, folder.name) as archive,
        tempfile.TemporaryDirectory(prefix=".fetch-", dir=folder.parent) as staging,
    ):
        download(url, archive, "Fetch it by other means.", pinned=True, progress=progress)
        unpacked = Path(staging) / "unpacked"
        try:
            _check_digest(archive, digest, f"What {url} gave is not the expected archive")
            _unpack(archive, unpacked, re.compile(members), url, most_bytes)
        except CatalogError:
            archive.truncate(0)  # nothing that goes on from here would be better
            raise
        _put(unpacked, folder)
    return folder


def fetch_file(url: str, digest: str, path: Path, convert: Convert, progress: bool = True) -> Path:
    """Download a file and make `path` of it; return `path`.

    digest: of the file, as `md5:...` or `sha256:...`, or `git:...` for its name in a repository. progress: show a bar
    on standard error. `path` appears by one rename after it is written. Raises as `fetch_folder` does.
    """
    with _written_below(path.parent), partial_file(path.parent, path.name) as file:
        download(url, file, "Fetch it by other means.", pinned=True, progress=progress)
        try:
            _check_digest(file, digest, f"What {url} gave is not the expected file")
        except CatalogError:
            file.truncate(0)
            raise
        _convert(file, path, convert)
    return path


def take_file(given: Path, digest: str, path: Path, convert: Convert) -> Path:
    """Make `path` of a file of this machine, as `fetch_file` does of one that it fetches. Raises CatalogError where it
    cannot be read or is not the one of the digest, and OutputError."""
    try:
        file = given.open("rb")
    except OSError as error:
        raise CatalogError(f"Cannot read {given}: {error.strerror or error}.") from None
    with file:
        _check_digest(file, digest, f"{given} is not the published file")
        with _written_below(path.parent):
            _convert(file, path, convert)
    return path


@contextlib.contextmanager
def _written_below(folder: Path) -> Iterator[None]:
    """Make a folder for what the block writes. Raises OutputError where it cannot be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        if isinstance(error, OutputError):
            raise
        raise OutputError(
            f"Cannot write the data set to {folder}: {error.strerror or error}. "
            "Set RECURRA_CACHE to a folder with enough space."
        ) from None


def _convert(file: BinaryIO, path: Path, convert: Convert) -> None:
    staging = path.with_name(f".{path.name}.{os.getpid()}")
    file.seek(0)
    try:
        convert(file, staging)
        staging.replace(path)
    finally:
        staging.unlink(missing_ok=True)


def _check_digest(file: BinaryIO, digest: str, otherwise: str) -> None:
    """Raise CatalogError where a file is not the one of a digest. otherwise: what it is then."""
    kind, expected = digest.split(":")
    start = hashlib.new("sha1" if kind == "git" else kind, usedforsecurity=False)
    if kind == "git":
        start.update(b"blob %d\0" % file.seek(0, os.SEEK_END))
    file.seek(0)
    found = hashlib.file_digest(file, lambda: start).hexdigest()  # type: ignore[arg-type]
    if found != expected:
        raise CatalogError(f"{otherwise}: its {kind} digest is {found} and should be {expected}.")


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
