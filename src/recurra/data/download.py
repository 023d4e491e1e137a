"""Fetching an archive: by pooch, with a pinned digest and a progress bar; unpacked safely, whole or not at all."""

from __future__ import annotations

import logging
import re
import shutil
import tarfile
import tempfile
import zlib
from pathlib import Path, PurePosixPath
from typing import IO

from recurra.errors import CatalogError, OutputError

MOST_BYTES = 2 << 30
"""Most that an archive may unpack to."""


def fetch_folder(url: str, md5: str, folder: Path, members: str, progress: bool = True) -> Path:
    """Download a .tar.gz and unpack its files below `folder`; return `folder`.

    members: regular expression of the paths in the archive to unpack; its first group is the path below `folder`.
    progress: show a bar on standard error. `folder` appears by one rename after all files are written.
    Raises CatalogError if the download fails, the digest differs or the archive is unsafe; OutputError if the
    files cannot be written.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".fetch-", dir=folder.parent) as staging:
            archive = _download(url, md5, Path(staging), progress)
            unpacked = Path(staging) / "unpacked"
            _unpack(archive, unpacked, re.compile(members), url)
            _put(unpacked, folder)
    except OSError as error:
        if isinstance(error, OutputError):
            raise
        raise OutputError(
            f"Cannot write the data set to {folder.parent}: {error.strerror or error}. "
            "Set RECURRA_CACHE to a folder with enough space."
        ) from None
    return folder


def _download(url: str, md5: str, directory: Path, progress: bool) -> Path:
    import pooch
    import requests

    pooch.get_logger().setLevel(logging.WARNING)
    bar = DownloadBar() if progress else False
    try:
        downloader = pooch.HTTPDownloader(progressbar=bar, chunk_size=1 << 16, timeout=30)
        fetched = pooch.retrieve(url, known_hash=f"md5:{md5}", fname="archive", path=directory, downloader=downloader)
    except requests.RequestException as error:
        raise CatalogError(f"Could not download {url}: {failure_in_words(error)}.") from None
    except ValueError as error:
        raise CatalogError(f"What {url} gave is not the expected archive: {str(error).splitlines()[0]}") from None
    return Path(fetched)


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


def _unpack(archive: Path, into: Path, members: re.Pattern[str], url: str) -> None:
    """Write the regular files whose paths match, one by one; names are checked, links and devices are never made."""
    total, files = 0, 0
    try:
        with tarfile.open(archive, "r:gz") as tar:
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
                if total > MOST_BYTES:
                    raise CatalogError(f"The archive from {url} unpacks to more than {MOST_BYTES:,} bytes.")
                source = tar.extractfile(member)
                assert source is not None  # a regular file has content
                target = into / match.group(1)
                target.parent.mkdir(parents=True, exist_ok=True)
                _write(source, target)
                files += 1
    except (tarfile.TarError, EOFError, zlib.error) as error:
        raise CatalogError(f"The archive from {url} is damaged: {error}.") from None
    if not files:
        raise CatalogError(f"The archive from {url} holds none of the expected files.")


def _write(source: IO[bytes], target: Path) -> None:
    with target.open("wb") as file:
        shutil.copyfileobj(source, file)


def _put(unpacked: Path, folder: Path) -> None:
    try:
        unpacked.rename(folder)
    except OSError:
        if not folder.is_dir():  # else another process was quicker with the same files
            raise


class DownloadBar:
    """What pooch asks of a progress bar, drawn by rich on standard error."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (TextColumn("Downloading"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
        self._progress = Progress(*columns, console=Console(stderr=True), transient=True)
        self._task = self._progress.add_task("download", total=None)
        self._total: int | None = None

    @property
    def total(self) -> int | None:
        """Bytes in all, by the server's own account; None where it does not say."""
        return self._total

    @total.setter
    def total(self, value: int | None) -> None:
        self._total = value
        self._progress.update(self._task, total=value or None)
        self._progress.start()

    def update(self, amount: int) -> None:
        """Count bytes."""
        self._progress.advance(self._task, amount)

    def reset(self) -> None:
        """Begin at 0: pooch resets once at the end."""
        self._progress.update(self._task, completed=0)

    def close(self) -> None:
        """Take the bar away."""
        self._progress.stop()
