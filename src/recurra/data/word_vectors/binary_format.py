"""Word vectors in word2vec's binary form: a line of two whole numbers, then each word, a space, and float32 numbers."""

from __future__ import annotations

from pathlib import Path
from typing import IO

import numpy as np

from recurra.data.word_vectors.selection import Selection
from recurra.data.word_vectors.text_format import check_width, finite
from recurra.errors import ReadError

LONGEST_WORD = 1 << 12
"""Bytes of a word: longer ones are no words, and the file is not what its first line says."""


class BinaryVectors:
    """A file in word2vec's binary form, open at its beginning. Its attributes are those of `TextVectors`."""

    format = "word2vec binary"

    def __init__(self, path: Path, file: IO[bytes]) -> None:
        """Read the first line. Raises ReadError where it states an impossible width."""
        self._path, self._file = path, file
        self.words = self.undecodable = 0
        stated, width = file.readline(LONGEST_WORD).split()
        self.stated, self.width = int(stated), int(width)
        check_width(path, self.width)

    def read(self, selection: Selection) -> None:
        """Read to the end, and keep the vectors of the selected words. Raises ReadError, naming the word's number."""
        size = 4 * self.width
        for number in range(1, self.stated + 1):
            start = self._word(number)
            content = self._file.read(size)
            if len(content) < size:
                raise self._cut(number)
            self.words += 1
            try:
                word = start.decode()
            except UnicodeDecodeError:
                self.undecodable += 1
                continue
            if (key := selection.key(word, number)) is not None:
                values = np.frombuffer(content, dtype="<f4")
                selection.put(key, word, finite(self._path, values, word, f"word {number:,}"))
        if self._file.read(2).strip():
            raise ReadError(
                f"{self._path} goes on after its {self.stated:,} words, the number in its first line. It is damaged: "
                "fetch it again."
            )

    def _word(self, number: int) -> bytes:
        """Return the next word: what stands before a space. Some writers end the vector before it with a line end."""
        word = bytearray()
        while (byte := self._file.read(1)) != b" " or not word:
            if not byte:
                raise self._cut(number)
            if byte == b"\n" and not word:
                continue
            word += byte
            if len(word) > LONGEST_WORD:
                raise ReadError(
                    f"{self._path}, word {number:,} does not end within {LONGEST_WORD:,} bytes. The file is damaged, "
                    f"or its vectors do not have {self.width:,} numbers as its first line says: fetch it again."
                )
        return bytes(word)

    def _cut(self, number: int) -> ReadError:
        return ReadError(
            f"{self._path} ends in word {number:,} of the {self.stated:,} that its first line says. It is cut short: "
            "fetch it again."
        )
