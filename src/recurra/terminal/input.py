"""Texts from standard input."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

from recurra.errors import ReadError

NUL = "\0"
LONGEST = 20_000_000
"""Most bytes of one text: an input that never ends must not fill the memory."""

RECODE = "Convert it first, as in `iconv -f latin1 -t utf-8`, or give a file by --input with --encoding."


def lines(stream: IO[bytes], way_out: str = RECODE) -> Iterator[str]:
    """Yield the lines of a UTF-8 stream without their ends.

    Raises ReadError, naming the line and ending in `way_out`, for other bytes and for a NUL.
    """
    for number, line in enumerate(iter(lambda: stream.readline(LONGEST + 1), b""), 1):
        if len(line) > LONGEST:
            raise ReadError(f"Standard input, line {number:,}: more than {LONGEST:,} bytes. Give shorter texts.")
        try:
            text = line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            raise ReadError(
                f"Standard input, line {number:,}, byte {error.start + 1}: 0x{line[error.start]:02x} is not valid "
                f"utf-8. {way_out}"
            ) from None
        if NUL in text:
            raise ReadError(
                f"Standard input, line {number:,}, character {text.index(NUL) + 1:,}: a NUL character, which no text "
                f"may contain. {way_out}"
            )
        yield text.rstrip("\r\n")


def whole_text(stream: IO[bytes]) -> str:
    """Return a UTF-8 stream as one text. Raises ReadError, naming the place, for other bytes and a NUL."""
    content = stream.read(LONGEST + 1)
    if len(content) > LONGEST:
        raise ReadError(f"Standard input holds more than {LONGEST:,} bytes. Give a shorter text.")
    if (place := content.find(b"\0")) >= 0:
        raise ReadError(
            f"Standard input, byte {place + 1:,}: a NUL character, which no text may contain. Convert it to UTF-8."
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ReadError(
            f"Standard input, byte {error.start + 1:,}: 0x{content[error.start]:02x} is not valid utf-8. "
            "Convert it first, as in `iconv -f latin1 -t utf-8`."
        ) from None
