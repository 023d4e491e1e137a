"""Downloading one file: what is there after a cut connection is continued by the next try.

That is so where the digest of the whole is known before; without one nothing says that both halves are of the same
file, so that it starts over.
"""

from __future__ import annotations

import contextlib
import fcntl
import http.client
import os
import urllib.error
import urllib.parse
import urllib.request
import zlib
from collections.abc import Iterator
from io import BufferedRandom
from pathlib import Path
from typing import Any

from recurra.errors import BusyError, CatalogError, OptionError

BLOCK = 1 << 20
TIMEOUT = 60
"""Seconds without a byte after which a connection counts as cut."""
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def check_url(url: str, *, pinned: bool) -> None:
    """Raise OptionError for anything but https, or http where the digest is known or the server is on this machine."""
    try:
        parts = urllib.parse.urlsplit(url)
        host, scheme = parts.hostname, parts.scheme
    except ValueError:
        host, scheme = None, ""
    if not host or scheme not in ("http", "https"):
        raise OptionError(f"--url {url} is no address of a file on the web. Give one that begins with https://.")
    if scheme == "http" and not pinned and host not in _LOOPBACK:
        raise OptionError(f"--url {url} is not encrypted, so that anybody may change it. Give https, or --sha256 too.")


@contextlib.contextmanager
def partial_file(place: Path, name: str) -> Iterator[BufferedRandom]:
    """Give the file of a download below `place`, which may hold the beginning of one; no two processes have it at once.

    It goes unless the block raises CatalogError and the file still has content.
    """
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


def download(url: str, partial: BufferedRandom, otherwise: str, *, pinned: bool, progress: bool) -> None:
    """Download into `partial`, after what it holds.

    otherwise: the sentence that says what else to do. pinned: whether the digest of the whole is known. progress: show
    a bar on standard error.
    Raises CatalogError; OptionError for an address that is none.
    """
    there = partial.seek(0, os.SEEK_END)
    if not pinned and there:
        partial.truncate(there := 0)
    bar = DownloadBar() if progress else None
    try:
        with contextlib.closing(_request(url, there, pinned)) as answer:
            if there and (answer.status != 206 or not _goes_on(answer, there)):
                partial.truncate(there := 0)
                if answer.status == 206:
                    raise CatalogError(f"{url} answers with another part than the one asked for. Try again.")
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
                raise CatalogError(_cut(url, written, total, pinned))
    except urllib.error.HTTPError as error:
        if error.code == 416 and there:  # there is no more of it, so that what is there is no beginning of it
            partial.truncate(0)
            download(url, partial, otherwise, pinned=pinned, progress=progress)
            return
        raise CatalogError(
            f"Could not download {url}: the server answers {error.code} {error.reason}. {otherwise}"
        ) from None
    except (urllib.error.URLError, http.client.HTTPException, TimeoutError, ConnectionError, zlib.error) as error:
        partial.flush()
        if size := os.fstat(partial.fileno()).st_size:
            raise CatalogError(_cut(url, size, None, pinned)) from None
        why = error.reason if isinstance(error, urllib.error.URLError) else error
        reason = failure_in_words(why if isinstance(why, Exception) else Exception(str(why)))
        raise CatalogError(f"Could not download {url}: {reason}. {otherwise}") from None
    except ValueError as error:  # an address with spaces and the like
        raise OptionError(f"--url {url} cannot be used: {error}.") from None
    finally:
        if bar:
            bar.close()


def _request(url: str, there: int, pinned: bool) -> Any:
    headers = {"User-Agent": "recurra", "Accept-Encoding": "identity"}
    if there:
        headers["Range"] = f"bytes={there}-"
    opener = urllib.request.build_opener(_Redirects(pinned))
    return opener.open(urllib.request.Request(url, headers=headers), timeout=TIMEOUT)


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follow redirections to where the file may come from too."""

    def __init__(self, pinned: bool) -> None:
        self._pinned = pinned

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
        try:
            check_url(newurl, pinned=self._pinned)
        except OptionError:
            raise CatalogError(f"{req.full_url} leads to {newurl}, which is not encrypted. Give --sha256.") from None
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _goes_on(answer: Any, there: int) -> bool:
    """Return whether a part of a file begins at the byte `there`."""
    return str(answer.headers.get("Content-Range", "")).startswith(f"bytes {there}-")


def _cut(url: str, written: int, total: int | None, pinned: bool) -> str:
    of = "" if total is None else f" of {total:,}"
    again = "the next try goes on from there" if pinned else "the next try starts over"
    return f"The connection to {url} was cut after {written:,}{of} bytes. Try again: {again}."


def failure_in_words(error: Exception) -> str:
    """Return why a download failed, as the end of a sentence without its full stop."""
    text = str(error)
    for sign, plain in (
        ("resolve", "its name could not be resolved (no network?)"),
        ("Name or service not known", "its name could not be resolved (no network?)"),
        ("name resolution", "its name could not be resolved (no network?)"),
        ("Connection refused", "the connection was refused"),
        ("timed out", "it did not answer in time"),
        ("unreachable", "the network is unreachable"),
    ):
        if sign.lower() in text.lower():
            return plain
    return text.splitlines()[0][:200] if text else type(error).__name__


class DownloadBar:
    """A progress bar of bytes, drawn by rich on standard error."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (TextColumn("Downloading"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
        self._progress = Progress(*columns, console=Console(stderr=True), transient=True)
        self._task = self._progress.add_task("download", total=None)

    @property
    def total(self) -> int | None:
        """Bytes in all, by the server's own account; None where it does not say."""
        return None if (total := self._progress.tasks[0].total) is None else int(total)

    @total.setter
    def total(self, value: int | None) -> None:
        self._progress.update(self._task, total=value or None)
        self._progress.start()

    def update(self, amount: int) -> None:
        """Count bytes."""
        self._progress.advance(self._task, amount)

    def close(self) -> None:
        """Take the bar away."""
        self._progress.stop()
