"""The byte check: read a text file once, before it is parsed, and refuse what cannot be read without guessing.

Refused, with the place and the next step: another kind of file under a text suffix, an encoding other than the one
stated, NUL characters, damage in a packed file. Accepted: a byte-order mark (dropped), any line ends (the parsers keep
those inside fields). Memory: one block of 1 MiB, whatever the size of the file. The block is the only state, so a file
20 times larger costs no more.
"""

from __future__ import annotations

import codecs
import os
import stat
from pathlib import Path
from typing import IO

from recurra.data.tables.packed import PackingError, is_packed, on_disk, unpacked
from recurra.errors import OptionError, ReadError, did_you_mean

BLOCK = 1 << 20

_MAGIC = {
    b"PAR1": "a Parquet file; give it the suffix .parquet",
    b"\x1f\x8b": "gzip data; give it the suffix .gz",
    b"(\xb5/\xfd": "Zstandard data; give it the suffix .zst",
    b"PK\x03\x04": "a ZIP archive or a workbook; give it the suffix .zip or .xlsx",
    b"\xd0\xcf\x11\xe0": "an old workbook; save it as .xlsx",
    b"%PDF": "a PDF document; Recurra reads CSV, TSV, Parquet and JSON",
    b"\x89PNG": "an image; Recurra reads CSV, TSV, Parquet and JSON",
    b"\xff\xd8\xff": "an image; Recurra reads CSV, TSV, Parquet and JSON",
    b"GIF8": "an image; Recurra reads CSV, TSV, Parquet and JSON",
    b"\x7fELF": "a program; Recurra reads CSV, TSV, Parquet and JSON",
    b"\x89HDF": "an HDF5 file; export the table as CSV or Parquet",
    b"\x80\x04\x95": "a Python pickle; export the table as CSV or Parquet",
    b"\x80\x05\x95": "a Python pickle; export the table as CSV or Parquet",
    b"SQLite format 3": "an SQLite database; give it the suffix .sqlite",
}
_MARKS = (  # the longer first: the mark of UTF-32 begins with that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (codecs.BOM_UTF8, "utf-8"),
)
_COMMON = ("utf-8", "latin-1", "cp1252", "iso-8859-15", "utf-16", "utf-32", "gb18030", "shift_jis", "euc_kr", "big5")


def codec_name(encoding: str) -> str:
    """Return Python's own name of an encoding. Raises OptionError for one that it does not know as text."""
    try:
        info = codecs.lookup(encoding)
        "".encode(encoding)  # refuses codecs such as 'hex' that are not about text
    except (LookupError, ValueError):
        hint = did_you_mean(encoding.lower(), _COMMON)
        raise OptionError(f"Unknown encoding '{encoding}'.{hint} Common ones: {', '.join(_COMMON)}.") from None
    if info.name.replace("-", "_") in ("unicode_escape", "raw_unicode_escape", "idna", "punycode", "undefined"):
        raise OptionError(f"'{encoding}' is not an encoding of text files. Common ones: {', '.join(_COMMON)}.")
    return "utf-8" if info.name == "utf-8-sig" else info.name


def check_is_file(path: Path) -> None:
    """Raise ReadError for a pipe, a socket or a device, which cannot be read twice, or never ends."""
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):
        return  # said by who opens it
    for is_kind, kind in ((stat.S_ISFIFO, "a pipe"), (stat.S_ISSOCK, "a socket"), (stat.S_ISCHR, "a device")):
        if is_kind(mode):
            raise ReadError(
                f"{path} is {kind}, and data are read more than once. Write them into a file first, and give that; "
                "or pipe them in, and give `-`."
            )


def open_bytes(path: Path) -> IO[bytes]:
    """Open a file, or what is in it if its name says that it is packed. Raises ReadError with the reason if that
    fails."""
    check_is_file(path)
    try:
        return unpacked(path) if is_packed(path) else on_disk(path).open("rb")
    except OSError as error:
        raise unreadable(path, error) from None


def unreadable(path: Path, error: Exception) -> ReadError:
    """Return a ReadError with the reason why a file cannot be read."""
    if isinstance(error, PackingError):
        kind = {".gz": "gzip file", ".zst": "Zstandard file"}.get(path.suffix.lower(), "member of a ZIP archive")
        return ReadError(f"{path} is not a whole {kind} ({error}). Fetch or make it again.")
    if isinstance(error, FileNotFoundError):
        return ReadError(f"{path} does not exist.")
    reason = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else str(error)
    return ReadError(f"Cannot read {path}: {reason}.")


def check_bytes(path: Path, encoding: str = "utf-8") -> str:
    """Check the whole file and return the name of the codec to read it with.

    Raises ReadError naming the byte offset (in the unpacked text), the line and a hint; OptionError for an unknown
    encoding.
    """
    codec = codec_name(encoding)
    decoder = codecs.getincrementaldecoder(codec)()
    is_utf8 = codec == "utf-8"
    offset = 0
    with open_bytes(path) as file:
        try:
            block = file.read(BLOCK)
            if not block:
                raise ReadError(f"{path} is empty. Give a file with something in it.")
            _check_start(path, block, codec)
            while block:
                held = len(decoder.getstate()[0])
                if is_utf8 and (nul := block.find(b"\0")) >= 0:
                    raise _nul(path, block, offset + nul)
                text = decoder.decode(block)
                if not is_utf8 and "\0" in text:
                    raise _nul(path, b"", offset)
                offset += len(block)
                block = file.read(BLOCK)
            held = len(decoder.getstate()[0])
            decoder.decode(b"", final=True)
        except UnicodeDecodeError as error:
            raise _wrong_encoding(path, encoding, codec, error, offset - held) from None
        except UnicodeError as error:  # of utf-16 and utf-32 without a byte-order mark, and of codecs that are not text
            raise ReadError(
                f"{path} cannot be read as {encoding}: {error}. Give the file's own encoding with `--encoding`, or "
                "save it as UTF-8."
            ) from None
        except OSError as error:
            raise unreadable(path, error) from None
    return codec


def _check_start(path: Path, start: bytes, codec: str) -> None:
    for magic, what in _MAGIC.items():
        if start.startswith(magic):
            if magic == b"PAR1" and path.suffix.lower() == ".parquet":
                what = "a Parquet file. Write the column with the texts into a .txt file first"
            raise ReadError(f"{path} is not text: it is {what}.")
    for mark, name in _MARKS:
        if start.startswith(mark):
            if not codec.startswith(name):
                raise ReadError(
                    f"{path} begins with the byte-order mark of {name.upper()}, but is read as {codec}. "
                    f"Give `--encoding {name}`, or save it as UTF-8."
                )
            return


def _nul(path: Path, block: bytes, offset: int) -> ReadError:
    lows, highs = block[0:4000:2].count(0), block[1:4000:2].count(0)
    half = max(1, len(block[:4000]) // 4)
    if max(lows, highs) > half:
        hint = f"It looks like UTF-16 without a mark: try `--encoding utf-16-{'be' if lows > highs else 'le'}`."
    else:
        hint = "Text holds none: the file is damaged or not text. `tr -d '\\0'` removes them."
    return ReadError(f"{path}, {_place(path, offset)}: a NUL character. {hint}")


def _wrong_encoding(path: Path, encoding: str, codec: str, error: UnicodeDecodeError, base: int) -> ReadError:
    offset = max(0, base + error.start)
    bad = error.object[error.start : error.start + 1]
    what = f"byte 0x{bad.hex()}" if bad else "an unfinished character"
    if codec == "utf-8":
        around = error.object[max(0, error.start - 2000) : error.start + 2000]
        guess = "cp1252" if any(0x80 <= byte <= 0x9F for byte in _stray(around)) else "latin-1"
        hint = f"If the file comes from an older Western program, give `--encoding {guess}`; or save it as UTF-8."
    else:
        hint = "Give the file's own encoding with `--encoding`, or save it as UTF-8."
    return ReadError(f"{path}, {_place(path, offset)}: {what} is not valid {encoding}. {hint}")


def _stray(data: bytes) -> bytes:
    """Return the bytes of `data` that are not part of valid UTF-8."""
    escaped = data.decode("utf-8", "surrogateescape")
    return bytes(ord(character) - 0xDC00 for character in escaped if "\udc80" <= character <= "\udcff")


def _place(path: Path, offset: int) -> str:
    """Return "byte N, line M" by reading the file again up to the offset (only done when something is wrong)."""
    line, left, last = 1, offset, b""
    with open_bytes(path) as file:
        while left > 0 and (block := file.read(min(BLOCK, left))):
            left -= len(block)
            line += block.count(b"\n") + block.count(b"\r") - block.count(b"\r\n")
            if last == b"\r" and block[:1] == b"\n":
                line -= 1
            last = block[-1:]
    return f"byte {offset:,}, line {line:,}"
