"""Downloading word vectors into the cache: whole or not at all, by a digest that is known before where there is one.

What is half there after a cut connection is continued by the next try where the digest is known; without one nothing
says that both halves are of the same file, so that it starts over. Without a known digest, that of the first download
is recorded, and `known.find` checks the file by it afterwards.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import http.client
import json
import os
import re
import shutil
import tempfile
import urllib.error
import urllib.parse
import urllib.request
import zipfile
import zlib
from collections.abc import Iterator
from io import BufferedRandom
from pathlib import Path, PurePosixPath
from typing import IO, Any

from recurra.data.download import DownloadBar, failure_in_words
from recurra.data.word_vectors.known import KNOWN, RECORD, Fetched, Known, fetched, folder, record_path
from recurra.data.word_vectors.stream import digest
from recurra.data.word_vectors.vector_file import VectorFile
from recurra.errors import BusyError, CatalogError, OptionError, OutputError, ReadError, did_you_mean
from recurra.options.word_vectors import COUNTED, RANDOM

BLOCK = 1 << 20
TIMEOUT = 60
"""Seconds without a byte after which a connection counts as cut."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_SUFFIXES = (".txt", ".vec", ".bin", ".json", ".safetensors")
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


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
        with _locked(place, name) as partial:
            _download(known, partial, progress)
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
    _check_url(known.url, known.sha256)
    return known


def _check_url(url: str, sha256: str) -> None:
    """Raise OptionError for anything but https, or http where the digest is known or the server is on this machine."""
    try:
        parts = urllib.parse.urlsplit(url)
        host, scheme = parts.hostname, parts.scheme
    except ValueError:
        host, scheme = None, ""
    if not host or scheme not in ("http", "https"):
        raise OptionError(f"--url {url} is no address of a file on the web. Give one that begins with https://.")
    if scheme == "http" and not sha256 and host not in _LOOPBACK:
        raise OptionError(f"--url {url} is not encrypted, so that anybody may change it. Give https, or --sha256 too.")


@contextlib.contextmanager
def _locked(place: Path, name: str) -> Iterator[BufferedRandom]:
    """Give the file of a download, which may hold the beginning of one. It goes unless the block raises CatalogError
    and the file still has content."""
    path = place / f".{name}.part"
    with path.open("a+b") as partial:
        try:
            fcntl.flock(partial, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise BusyError(f"Another process is fetching {name}. Wait for it.") from None
        try:
            yield partial
        except CatalogError:
            if not os.fstat(partial.fileno()).st_size:
                path.unlink(missing_ok=True)
            raise
        except BaseException as error:
            if not isinstance(error, KeyboardInterrupt):
                path.unlink(missing_ok=True)
            raise
        path.unlink(missing_ok=True)


def _download(known: Known, partial: BufferedRandom, progress: bool) -> None:
    """Download into `partial`, after what it holds. Raises CatalogError."""
    there = partial.seek(0, os.SEEK_END)
    if not known.sha256 and there:
        partial.truncate(there := 0)
    bar = DownloadBar() if progress else None
    try:
        with contextlib.closing(_request(known.url, there, known.sha256)) as answer:
            if there and (answer.status != 206 or not _goes_on(answer, there)):
                partial.truncate(there := 0)
                if answer.status == 206:
                    raise CatalogError(f"{known.url} answers with another part than the one asked for. Try again.")
            length = answer.headers.get("Content-Length")
            total = there + int(length) if length and length.isdigit() else None
            if bar:
                bar.total = total or 0
                bar.update(there)
            written = there
            while block := answer.read(BLOCK):
                partial.write(block)
                written += len(block)
                if bar:
                    bar.update(len(block))
            partial.flush()
            if total is not None and written < total:
                raise CatalogError(_cut(known, written, total))
    except urllib.error.HTTPError as error:
        if error.code == 416 and there:  # there is no more of it, so that what is there is no beginning of it
            partial.truncate(0)
            _download(known, partial, progress)
            return
        raise CatalogError(
            f"Could not download {known.url}: the server answers {error.code} {error.reason}. {_OTHERWISE}"
        ) from None
    except (urllib.error.URLError, http.client.HTTPException, TimeoutError, ConnectionError, zlib.error) as error:
        partial.flush()
        if size := os.fstat(partial.fileno()).st_size:
            raise CatalogError(_cut(known, size, None)) from None
        why = error.reason if isinstance(error, urllib.error.URLError) else error
        reason = failure_in_words(why if isinstance(why, Exception) else Exception(str(why)))
        raise CatalogError(f"Could not download {known.url}: {reason}. {_OTHERWISE}") from None
    except ValueError as error:  # an address with spaces and the like
        raise OptionError(f"--url {known.url} cannot be used: {error}.") from None
    finally:
        if bar:
            bar.close()


_OTHERWISE = "Fetch it by other means, such as another --url, or give --word-vectors a file."


def _request(url: str, there: int, sha256: str) -> Any:
    headers = {"User-Agent": "recurra", "Accept-Encoding": "identity"}
    if there:
        headers["Range"] = f"bytes={there}-"
    opener = urllib.request.build_opener(_Redirects(sha256))
    return opener.open(urllib.request.Request(url, headers=headers), timeout=TIMEOUT)


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follow redirections to where the file may come from too."""

    def __init__(self, sha256: str) -> None:
        self._sha256 = sha256

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
        try:
            _check_url(newurl, self._sha256)
        except OptionError:
            raise CatalogError(f"{req.full_url} leads to {newurl}, which is not encrypted. Give --sha256.") from None
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _goes_on(answer: Any, there: int) -> bool:
    """Return whether a part of a file begins at the byte `there`."""
    return str(answer.headers.get("Content-Range", "")).startswith(f"bytes {there}-")


def _cut(known: Known, written: int, total: int | None) -> str:
    of = "" if total is None else f" of {total:,}"
    again = "the next try goes on from there" if known.sha256 else "the next try starts over"
    return f"The connection to {known.url} was cut after {written:,}{of} bytes. Try again: {again}."


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
