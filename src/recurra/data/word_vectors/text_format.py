"""Word vectors as text: a word and its numbers on each line, as GloVe, word2vec and fastText write them.

word2vec and fastText begin with a line of two whole numbers: how many words there are, and how many numbers each has.
A word may hold spaces (a few of GloVe's do), so that a line is read from its end.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from recurra.data.word_vectors.selection import Selection
from recurra.errors import ReadError, brief
from recurra.options.network import MAX_EMBEDDING

LONGEST_LINE = 1 << 20
"""Bytes: more than the longest word and the most numbers take."""
_MARK = b"\xef\xbb\xbf"  # the byte-order mark of UTF-8
_SPACE = b" \t\r\n"


class TextVectors:
    """A file of lines, open at its beginning.

    width: numbers of a vector; stated: how many words the first line says there are, None without such a line;
    words: how many were read; undecodable: how many of their words are not UTF-8.
    """

    def __init__(self, path: Path, file: IO[bytes]) -> None:
        """Read the first line. Raises ReadError where it is none of such a file."""
        self._path, self._file, self._line = path, file, 0
        self.words = self.undecodable = 0
        self.stated: int | None = None
        self._first: bytes | None = self._next()
        if self._first is not None:
            self._first = self._first.removeprefix(_MARK)
        if not self._first:
            raise ReadError(f"{path}, line 1 is empty. A file of word vectors has a word and its numbers there.")
        if b"\r" in self._first:
            raise ReadError(f"{path} has line ends of CR alone. Save it with those of Unix or Windows.")
        fields = self._first.split()
        if header := _header(fields):
            self.stated, self.width = header
            self._first = None
        else:
            self.width = sum(1 for _ in _numbers_at_end(fields[1:]))
            if not self.width:
                raise ReadError(
                    f"{path} holds no word vectors: line 1 has no numbers after its first word. Give GloVe or word2vec "
                    "text, word2vec binary, fastText .vec, safetensors, or the JSON of wink-embeddings."
                )
        check_width(path, self.width)

    @property
    def format(self) -> str:
        """The name of the format."""
        return "GloVe text" if self.stated is None else "word2vec text"

    def read(self, selection: Selection) -> None:
        """Read to the end, and keep the vectors of the selected words. Raises ReadError, naming the line."""
        width = self.width
        line = self._first if self._first is not None else self._next()
        while line is not None:
            if not line and self._is_over():
                break
            plain = line.count(b" ") == width and line[:1] != b" "  # nearly every line
            start = line[: line.index(b" ")] if plain else self._start(line)
            self.words += 1
            try:
                word = start.decode()
            except UnicodeDecodeError:
                self.undecodable += 1
                line = self._next()
                continue
            if (key := selection.key(word, self._line)) is not None:
                selection.put(key, word, self._vector(line[len(start) :].split(), word))
            line = self._next()
        self._check_count()

    def _next(self) -> bytes | None:
        """Return the next line without space at its end; None after the last one."""
        line = self._file.readline(LONGEST_LINE)
        if not line:
            return None
        self._line += 1
        if len(line) == LONGEST_LINE:
            raise ReadError(
                f"{self._path}, line {self._line:,} has more than {LONGEST_LINE:,} bytes, and no word and its numbers "
                "take as many. The file is damaged, or holds no word vectors."
            )
        return line.rstrip(_SPACE)

    def _is_over(self) -> bool:
        """Return whether nothing but empty lines follows an empty one. Raises ReadError, naming it, where more does."""
        number = self._line
        while (line := self._next()) is not None:
            if line:
                self._line = number
                raise self._wrong_count(-1)
        return True

    def _start(self, line: bytes) -> bytes:
        """Return the word of a line, which may hold spaces. Raises ReadError where the count of numbers is wrong."""
        pieces = line.rsplit(None, self.width)
        if len(pieces) == self.width + 1 and line[:1] not in (b" ", b"\t"):
            inside = pieces[0].split()
            if len(inside) == 1 or _number(inside[-1]) is None:
                return pieces[0]
        raise self._wrong_count(len(line.split()) - 1)

    def _wrong_count(self, count: int) -> ReadError:
        """Return the error for a line of `count` numbers, -1 for an empty one."""
        where = "the first line says" if self.stated is not None else "line 1 has"
        what = "is empty" if count < 0 else f"has {count:,} number{'s' if count != 1 else ''}"
        return ReadError(
            f"{self._path}, line {self._line:,} {what}, and {where} {self.width:,}. The file is damaged or cut short: "
            "fetch it again."
        )

    def _vector(self, fields: list[bytes], word: str) -> NDArray[np.float32]:
        if len(fields) != self.width:
            raise self._wrong_count(len(fields))
        try:
            values = [float(field) for field in fields]
        except ValueError:
            wrong = next(field for field in fields if _number(field) is None)
            raise ReadError(
                f"{self._path}, line {self._line:,}: {brief(wrong.decode('utf-8', 'replace'))} in the vector of "
                f"{brief(word)} is not a number. The file is damaged: fetch it again."
            ) from None
        return finite(self._path, values, word, f"line {self._line:,}")

    def _check_count(self) -> None:
        if self.stated is not None and self.words != self.stated:
            raise ReadError(
                f"{self._path} has {self.words:,} words, and its first line says {self.stated:,}. It is cut short or "
                f"damaged: fetch it again, or, if it was shortened on purpose, make its first line "
                f"'{self.words} {self.width}'."
            )


def check_width(path: Path, width: int) -> None:
    """Raise ReadError where vectors have no number, or more than an embedding may have."""
    if not 1 <= width <= MAX_EMBEDDING:
        raise ReadError(
            f"{path} says that its vectors have {width:,} numbers; there must be 1 to {MAX_EMBEDDING:,}. "
            "Check that it holds word vectors."
        )


def finite(path: Path, values: list[float] | NDArray[np.generic], word: str, place: str) -> NDArray[np.float32]:
    """Return a vector in single precision. Raises ReadError where a number of it is not finite there."""
    with np.errstate(over="ignore"):
        vector = np.asarray(values, dtype=np.float64).astype(np.float32)
    if not np.isfinite(vector).all():
        wrong = float(np.asarray(values, dtype=np.float64)[~np.isfinite(vector)][0])
        raise ReadError(
            f"{path}, {place}: the vector of {brief(word)} holds {wrong:g}, which is no number to compute with. Leave "
            "that word out of the file, or fetch the file again."
        )
    return vector


def _header(fields: list[bytes]) -> tuple[int, int] | None:
    """Return (words, width) where a line is a header."""
    if len(fields) != 2 or not all(field.isdigit() and len(field) < 16 for field in fields):
        return None
    return int(fields[0]), int(fields[1])


def _numbers_at_end(fields: list[bytes]) -> list[float]:
    """Return the numbers at the end of a line's fields, the last first."""
    numbers = []
    for field in reversed(fields):
        if (number := _number(field)) is None:
            break
        numbers.append(number)
    return numbers


def _number(field: bytes) -> float | None:
    """Return what a field says, also where that is not finite; None where it is no number."""
    try:
        number = float(field)
    except ValueError:
        return None
    return number if not math.isnan(number) or field.lower().strip(b"+-") == b"nan" else None
