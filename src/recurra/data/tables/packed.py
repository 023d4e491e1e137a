"""Packed files, read as they are unpacked: gzip, Zstandard, and one file in a ZIP archive.

Nothing is unpacked to disk or as a whole into memory, so a file that unpacks to far more than it promises costs time
alone, and its reader stops it at the first row that is too long. A member of an archive is named after `::`, as in
`archive.zip::inner.csv`; it may be left out where the archive holds one table.
"""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any, Protocol

from recurra.data.tables.kinds import NOT_TEXT, SUFFIXES
from recurra.data.tables.standard_input import NAME, kept_file
from recurra.errors import ReadError, did_you_mean, installation

INSIDE = "::"
PACKED = (".gz", ".zst", ".zip")
BLOCK = 1 << 20

MOST_TIMES, MOST_UNPACKED = 500, 1 << 30
"""An archive's member that unpacks to more bytes than the second and to more than the first times its size is refused:
tables shrink to a tenth, hardly to a hundredth, and what shrinks further was made to fill a disk."""

_PIECE = 512
"""Packed bytes that Zstandard is given at a time: it can make 128 KiB of four of them."""


class PackingError(OSError):
    """What is packed is damaged."""


class Stream(Protocol):
    """What unpacks: reads up to `size` bytes, b"" at the end."""

    def read(self, size: int, /) -> bytes: ...

    def close(self) -> None: ...


def parted(path: Path) -> tuple[Path, str | None]:
    """Return (the file on disk, the name of the member of an archive that follows it, None where there is none).

    Standard input is read to its end where it is meant: see `standard_input.py`.
    """
    if path == NAME:
        return kept_file(), None
    before, between, member = str(path).partition(INSIDE)
    if not between or not before.lower().endswith(".zip"):
        return path, None
    return Path(before), member


def on_disk(path: Path) -> Path:
    """Return the file that holds what a name stands for: itself, the archive whose member it names, or the one that
    keeps standard input."""
    return path if path.exists() and path != NAME else parted(path)[0]


def plain_name(path: Path) -> str:
    """Return the name, in lower case, of what is in a packed file, or of a file that is not packed.

    Raises ReadError for an archive that cannot be read, or does not hold one table.
    """
    file, member = parted(path)
    if member is None and file.suffix.lower() == ".zip" and file.is_file():
        member = _only_table(file)
    if member is not None:
        return PurePosixPath(member).name.lower()
    name = file.name.lower()
    return name.removesuffix(".gz") if name.endswith(".gz") else name.removesuffix(".zst")


def is_packed(path: Path) -> bool:
    """Return whether a file is read by unpacking it."""
    file, _ = parted(path)
    return file.suffix.lower() in PACKED


def members(archive: Path) -> list[str]:
    """Return the names of the files in an archive. Raises ReadError."""
    with _opened(archive) as opened:
        return [info.filename for info in opened.infolist() if not info.is_dir()]


def unpacked(path: Path) -> io.BufferedReader:
    """Open a packed file as what is in it. Raises ReadError where an archive does not hold one table that can be read,
    OSError otherwise; reading raises PackingError."""
    file, member = parted(path)
    match file.suffix.lower():
        case ".gz":
            packed = file.open("rb")
            raw = _Unpacked(gzip.GzipFile(fileobj=packed), lambda: _share(packed, file), packed.close)
        case ".zst":
            zstandard = _zstandard(path)
            packed = file.open("rb")
            raw = _Unpacked(_Frames(packed, zstandard), lambda: _share(packed, file), packed.close)
        case _:
            name = member or _only_table(file)
            archive = _opened(file)
            info = _member(archive, file, name)
            try:
                stream = archive.open(info)
            except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
                archive.close()
                raise ReadError(f"{file}: {info.filename!r} cannot be read ({error}). Unpack it first.") from None
            raw = _Unpacked(stream, lambda: stream.tell() / max(1, info.file_size), archive.close)
    return io.BufferedReader(raw, BLOCK)


class _Unpacked(io.RawIOBase):
    """What comes out of a stream that unpacks. share: how much of it has been read; close_file: what to close last."""

    def __init__(self, stream: Stream, share: Callable[[], float], close_file: Callable[[], None]) -> None:
        self._stream, self.share, self._close_file = stream, share, close_file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer).cast("B")
        try:
            data = self._stream.read(len(view))
        except (EOFError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile) as error:
            raise PackingError(str(error)) from None
        view[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._stream.close()
            self._close_file()
        super().close()


def _zstandard(path: Path) -> Any:
    """Return the package that unpacks Zstandard. Raises ReadError where it is not installed."""
    try:
        import zstandard
    except ImportError:
        raise ReadError(f"{path}: reading .zst needs the package zstandard. {installation('zstd')}") from None
    return zstandard


class _Frames:
    """Unpacks the frames of Zstandard in a file, one after the other."""

    def __init__(self, file: io.BufferedReader, zstandard: Any) -> None:
        self._file, self._error = file, zstandard.ZstdError
        self._unpacker = zstandard.ZstdDecompressor()
        self._pieces = self._all()
        self._left = memoryview(b"")

    def read(self, size: int, /) -> bytes:
        while not self._left:
            piece = next(self._pieces, None)
            if piece is None:
                return b""
            self._left = memoryview(piece)
        taken, self._left = self._left[:size], self._left[size:]
        return bytes(taken)

    def _all(self) -> Iterator[bytes]:
        frame, whole = self._unpacker.decompressobj(), True
        packed = b""
        while packed := packed or self._file.read(_PIECE):
            if whole:
                frame = self._unpacker.decompressobj()
            try:
                yield frame.decompress(packed)
            except self._error as error:
                raise PackingError(str(error)) from None
            whole, packed = frame.eof, frame.unused_data
        if not whole:
            raise PackingError("it ends in the middle")

    def close(self) -> None:
        """Nothing is kept open here."""


def share_of(raw: io.RawIOBase) -> float | None:
    """Return how much of a packed file has been read, from 0 to 1; None for what is not packed."""
    return min(1.0, raw.share()) if isinstance(raw, _Unpacked) else None


def _share(packed: io.BufferedReader, file: Path) -> float:
    return packed.tell() / max(1, file.stat().st_size)


def _opened(archive: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(archive)
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise ReadError(f"{archive} is not a whole ZIP archive ({error}). Fetch or make it again.") from None


def _only_table(archive: Path) -> str:
    """Return the name of the one table in an archive. Raises ReadError where there are none or several."""
    names = members(archive)
    of_any_kind = [name for name in names if _is_table(PurePosixPath(name))]
    as_text = [name for name in of_any_kind if SUFFIXES[PurePosixPath(name).suffix.lower()] not in NOT_TEXT]
    tables = as_text or of_any_kind
    if len(tables) == 1:
        return tables[0]
    if not tables:
        raise ReadError(f"{archive} holds no table: {_listed(names)}. Readable in an archive: {', '.join(SUFFIXES)}.")
    raise ReadError(
        f"{archive} holds several tables: {_listed(tables)}. Name one, as in '{archive}{INSIDE}{tables[0]}', or those "
        f"that a pattern matches, as in '{archive}{INSIDE}*{PurePosixPath(tables[0]).suffix}'."
    )


def _is_table(name: PurePosixPath) -> bool:
    hidden = any(part.startswith(".") or part == "__MACOSX" for part in name.parts)
    return name.suffix.lower() in SUFFIXES and not hidden


def _listed(names: list[str], most: int = 20) -> str:
    shown = ", ".join(repr(name[:80]) for name in names[:most]) or "it is empty"
    return shown if len(names) <= most else f"{shown} and {len(names) - most:,} more"


def _member(archive: zipfile.ZipFile, path: Path, name: str) -> zipfile.ZipInfo:
    """Return what an archive says of a member. Raises ReadError for one that is not there, or is a bomb."""
    try:
        info = archive.getinfo(name)
    except KeyError:
        archive.close()
        names = members(path)
        raise ReadError(f"{path} holds no {name!r}.{did_you_mean(name, names)} It holds: {_listed(names)}.") from None
    if info.file_size > MOST_UNPACKED and info.file_size > MOST_TIMES * max(1, info.compress_size):
        archive.close()
        raise ReadError(
            f"{path}: {name!r} unpacks from {info.compress_size:,} bytes to {info.file_size:,}, as no table does. If "
            "it is one, unpack it first."
        )
    return info
