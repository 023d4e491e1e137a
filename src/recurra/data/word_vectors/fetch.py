"""Downloading word vectors into the cache: whole or not at all, by a digest that is known before where there is one.

What is half there after a cut connection is continued by the next try where the digest is known; without one nothing
says that both halves are of the same file, so that it starts over. Without a known digest, that of the first download
is recorded, and `known.find` checks the file by it afterwards.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import shutil
import tempfile
import urllib.parse
import zipfile
import zlib
from io import BufferedRandom
from pathlib import Path, PurePosixPath
from typing import IO

from recurra.data.resumed_download import BLOCK, check_url, download, partial_file
from recurra.data.word_vectors.known import KNOWN, RECORD, Fetched, Known, fetched, folder, record_path
from recurra.data.word_vectors.stream import digest
from recurra.data.word_vectors.vector_file import VectorFile
from recurra.errors import BusyError, CatalogError, OptionError, OutputError, ReadError, did_you_mean
from recurra.options.word_vectors import COUNTED, RANDOM

OTHERWISE = "Fetch it by other means, such as another --url, or give --word-vectors a file."
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_SUFFIXES = (".txt", ".vec", ".bin", ".json", ".safetensors")


def fetch(
    name: str, url: str | None = None, sha256: str | None = None, *, overwrite: bool = False, progress: bool = True
) -> Fetched:
    """Download the vectors `name`, unless they are there, and return where they are.

    url: from where instead of the known place. sha256: of what the URL gives, for a name that is not known. overwrite:
    download again. progress: show a bar on standard error.
    Raises OptionError for a name or a URL that cannot be used, CatalogError where the download fails or is not what it
    should be, OutputError where it cannot be written, BusyError where another process is at it.
    """
    known = _wanted(name, url, sha256)
    if not overwrite and (there := fetched(name)) is not None and digest(there.path) == there.sha256:
        return there
    place = folder()
    try:
        place.mkdir(parents=True, exist_ok=True)
        with partial_file(place, name) as partial:
            download(known.url, partial, OTHERWISE, pinned=bool(known.sha256), progress=progress)
            return _keep(name, known, partial)
    except (BusyError, OutputError):
        raise
    except OSError as error:
        advice = (
            "Free some space there"
            if error.errno in (errno.ENOSPC, errno.EDQUOT)
            else "Set RECURRA_CACHE to a folder that you may write to"
        )
        raise OutputError(
            f"Cannot write the word vectors to {place}: {error.strerror or error}. {advice}, and try again."
        ) from None


def _wanted(name: str, url: str | None, sha256: str | None) -> Known:
    """Return what is to be downloaded. Raises OptionError."""
    known = KNOWN.get(name)
    if known is None and url is None:
        raise OptionError(
            f"{name} is no known name of word vectors.{did_you_mean(name, KNOWN)} `recurra vectors list` shows them; "
            "other vectors need --url."
        )
    if not _NAME.fullmatch(name) or name in (COUNTED, RANDOM) or f"{name}.".endswith(".fetched."):
        raise OptionError(
            f"{name!r} cannot be a name of word vectors. Give letters, digits, dots, hyphens and underscores, and not "
            f"{COUNTED} or {RANDOM}."
        )
    if sha256 is not None and not re.fullmatch("[0-9a-fA-F]{64}", sha256):
        raise OptionError("--sha256 must be 64 hexadecimal digits, as sha256sum prints them.")
    if known is not None and sha256 is not None and sha256.lower() != known.sha256:
        raise OptionError(f"The download of {name} has the sha256 digest {known.sha256}. Leave --sha256 out.")
    if known is None:
        known = Known(str(url), (sha256 or "").lower(), None, 0, "")
    elif url is not None:
        known = Known(url, known.sha256, known.member, known.megabytes, known.about)
    check_url(known.url, pinned=bool(known.sha256))
    return known


def _keep(name: str, known: Known, partial: BufferedRandom) -> Fetched:
    """Check a download, put its vectors into place, and record it. Raises CatalogError where it is not as it should be;
    then nothing of it is kept."""
    partial.seek(0)
    found = hashlib.file_digest(partial, "sha256").hexdigest()
    if known.sha256 and found != known.sha256:
        partial.truncate(0)
        raise CatalogError(
            f"What {known.url} gave is not the expected file: its sha256 digest is {found} and should be "
            f"{known.sha256}. Nothing was kept; try again, or give another --url."
        )
    place = folder()
    with tempfile.TemporaryDirectory(prefix=".fetch-", dir=place) as staging:
        try:
            file, inside = _unpacked(known, partial, Path(staging))
            VectorFile(file)
        except (ReadError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
            partial.truncate(0)
            reason = re.sub(r"^\S*/\.fetch-\S+ ", "it ", str(error)) or "it is damaged"
            raise CatalogError(
                f"What {known.url} gave cannot be used as word vectors: {reason.rstrip('.')}. Nothing was kept."
            ) from None
        suffix = next((each for each in _SUFFIXES if each in PurePosixPath(inside).suffixes), ".txt")
        target = place / f"{name}{suffix}"
        old = fetched(name)
        record = {"file": target.name, "url": known.url, "sha256": digest(file), "pinned": bool(known.sha256)}
        if old and old.path != target:
            old.path.unlink(missing_ok=True)
        record_path(name).unlink(missing_ok=True)
        file.replace(target)
        noted = Path(staging) / RECORD.removeprefix(".")
        noted.write_text(json.dumps(record), encoding="utf-8")
        noted.replace(record_path(name))
    return Fetched(name, target, known.url, str(record["sha256"]), bool(known.sha256))


def _unpacked(known: Known, content: IO[bytes], staging: Path) -> tuple[Path, str]:
    """Write the vectors out of a download; return where they are, and the name that they have in it."""
    target = staging / "vectors"
    content.seek(0)
    if not zipfile.is_zipfile(content):
        content.seek(0)
        _check_space(staging, os.fstat(content.fileno()).st_size)
        with target.open("wb") as file:
            shutil.copyfileobj(content, file, BLOCK)
        return target, urllib.parse.urlsplit(known.url).path
    with _archive(content) as archive:
        members = [
            each for each in archive.infolist() if not each.is_dir() and not each.filename.startswith("__MACOSX/")
        ]
        chosen = [each for each in members if known.member in (None, each.filename)]
        if len(chosen) != 1:
            listed = ", ".join(each.filename for each in members[:6])
            raise ReadError(f"it has {len(chosen)} files of the expected name among these: {listed}.")
        _check_space(staging, chosen[0].file_size)
        try:
            member = archive.open(chosen[0])
        except (OSError, ValueError):
            raise zipfile.BadZipFile(_DAMAGED) from None
        with member as source, target.open("wb") as file:
            shutil.copyfileobj(source, file, BLOCK)
        return target, chosen[0].filename


_DAMAGED = "it is a damaged ZIP archive"


def _archive(content: IO[bytes]) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(content)
    except (OSError, ValueError):  # its directory says that files lie where there is nothing
        raise zipfile.BadZipFile(_DAMAGED) from None


def _check_space(place: Path, size: int) -> None:
    """Raise OutputError where a file of `size` bytes will not fit."""
    if (free := shutil.disk_usage(place).free) < size:
        raise OutputError(
            f"The word vectors take {size / 1e6:,.0f} MB, and {place.parent} has {free / 1e6:,.0f} MB left. Free some "
            "space there, or set RECURRA_CACHE to a folder with more."
        )
