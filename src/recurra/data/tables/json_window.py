"""A part of a long JSON text that moves through it: value after value is parsed, and only that part is in memory."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from recurra.data.tables.bytes_check import unreadable
from recurra.data.tables.text_lines import ROW_LIMIT, open_text, share_of
from recurra.errors import ReadError

CHUNK = 1 << 18
"""Characters that are read at a time."""

_SPACE = re.compile(r"[ \t\n\r]*")
_CUT = 16
"""An error so near to the end of what was read may be one of reading too little: the longest word is shorter."""


class NoValue(Exception):
    """What comes next is no JSON value that can be read. line: where that shows."""

    def __init__(self, reason: str, line: int) -> None:
        super().__init__(reason)
        self.line = line


class JsonWindow:
    """The JSON text of a file. line: that of the next character, from 1."""

    def __init__(self, path: Path, codec: str) -> None:
        self.path = path
        self.line = 1
        self._file = open_text(path, codec)
        self._text = ""
        self._place = 0
        self._whole = False
        self._more()
        if self._text.startswith("\ufeff"):
            self._place = 1

    def __enter__(self) -> JsonWindow:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def share(self) -> float:
        """Return how much of the file has been read so far, from 0 to 1."""
        return share_of(self._file)

    def next(self) -> str:
        """Pass white space; return the character after it, which stays, or "" at the end."""
        self._advance(self._after_space(self._place))
        return self._text[self._place : self._place + 1]

    def after(self) -> str:
        """Return the first character that is no white space after the next one; both stay."""
        place = self._after_space(self._place + 1)
        return self._text[place : place + 1]

    def take(self, character: str) -> bool:
        """Pass white space and then `character`, if that comes next; return whether it did."""
        if self.next() != character:
            return False
        self._advance(self._place + 1)
        return True

    def value(self, decoder: json.JSONDecoder) -> tuple[Any, str]:
        """Pass white space and take the value after it; return it and its characters. Raises NoValue, and what the
        decoder raises of itself; the value is not taken then."""
        self.next()
        while True:
            try:
                value, end = decoder.raw_decode(self._text, self._place)
            except json.JSONDecodeError as error:
                if not self._is_cut(error) or not self._more():
                    raise NoValue(error.msg, self.line + self._text.count("\n", self._place, error.pos)) from None
            except RecursionError:
                raise NoValue("nested too deeply", self.line) from None
            else:
                closed = self._text[end - 1] in '}]"' or end + _CUT < len(self._text)  # a number may go on
                if closed or not self._more():
                    raw = self._text[self._place : end]
                    self._advance(end)
                    return value, raw
            if len(self._text) - self._place > ROW_LIMIT + CHUNK:
                raise NoValue(f"longer than {ROW_LIMIT:,} characters, the most that is read", self.line)

    def _is_cut(self, error: json.JSONDecodeError) -> bool:
        """Return whether an error may come from where the text was cut."""
        return error.msg.startswith("Unterminated string") or error.pos >= len(self._text) - _CUT

    def _after_space(self, place: int) -> int:
        """Return the place of the first character from `place` on that is no white space."""
        while True:
            found = _SPACE.match(self._text, place)
            place = found.end() if found else place
            if place < len(self._text):
                return place
            ahead = place - self._place
            if not self._more():
                return place
            place = self._place + ahead

    def _advance(self, place: int) -> None:
        self.line += self._text.count("\n", self._place, place)
        self._place = place

    def _more(self) -> bool:
        """Read on, at least as much again as there is of the value; forget what was taken. Return whether there was
        more."""
        if self._whole:
            return False
        left = self._text[self._place :]
        try:
            read = self._file.read(max(CHUNK, len(left)))
        except UnicodeDecodeError as error:
            raise ReadError(f"{self.path} changed while it was read: {error}. Start again.") from None
        except OSError as error:
            raise unreadable(self.path, error) from None
        self._whole = not read
        if read:
            self._text, self._place = left + read, 0
        return bool(read)
