"""A plain text, whole: no rows and no columns, only characters in their order."""

from __future__ import annotations

import codecs
from pathlib import Path

from recurra.data.tables.bytes_check import BLOCK, check_bytes, open_bytes, unreadable
from recurra.data.tables.packed import plain_name
from recurra.errors import ReadError

TEXT_LIMIT = 512 * 2**20
"""Most characters of a text. It lies in memory as a whole: as characters, in its parts, and as ids of 4 bytes."""

_TABLES = {".parquet": "Parquet", ".jsonl": "JSON lines", ".ndjson": "JSON lines", ".csv": "CSV", ".tsv": "CSV"}


def read_text(path: Path, encoding: str = "utf-8", *, limit: int = TEXT_LIMIT) -> str:
    """Return the text of a file, which may be packed (.gz, .zst, .zip): without byte-order mark, line ends as "\\n".

    Raises ReadError, with the place and the next step, for a file that is missing, empty, in another encoding, holds
    NUL characters or more than `limit` characters; OptionError for an unknown encoding.
    """
    if path.is_dir():
        raise ReadError(f"{path} is a folder. Give one text file; `cat {path}/*.txt > all.txt` makes one of many.")
    codec = check_bytes(path, encoding)
    decoder = codecs.getincrementaldecoder(codec)()
    pieces: list[str] = []
    length = 0
    try:
        with open_bytes(path) as file:
            while block := file.read(BLOCK):
                pieces.append(decoder.decode(block))
                length += len(pieces[-1])
                if length > limit:
                    raise ReadError(
                        f"{path} holds more than {limit:,} characters, which is the most that is read at once. Give a "
                        f"part of it: `head -c {limit} {path} > part.txt`."
                    )
            pieces.append(decoder.decode(b"", final=True))
    except UnicodeDecodeError as error:
        raise ReadError(f"{path} changed while it was read: {error}. Start again.") from None
    except OSError as error:
        if isinstance(error, ReadError):
            raise
        raise unreadable(path, error) from None
    text = "".join(pieces).removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if not text:
        raise ReadError(f"{path} holds a byte-order mark and no text. Give a file with text in it.")
    return text


def table_name(path: Path) -> str | None:
    """Return the kind of table that a file's name promises, such as "CSV"; None where it promises none."""
    return _TABLES.get(Path(plain_name(path)).suffix)
