"""A file of word vectors in any format: which one it is, how wide its vectors are, and the vectors of chosen words.

The format is told from the content, not from the name. Memory is bounded by the words that are kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from recurra.data.word_vectors.binary_format import BinaryVectors
from recurra.data.word_vectors.safetensors_format import LARGEST_HEADER, SafetensorsVectors, words_file
from recurra.data.word_vectors.selection import Selection
from recurra.data.word_vectors.stream import BLOCK, digest, opened
from recurra.data.word_vectors.text_format import TextVectors
from recurra.data.word_vectors.wink_format import WinkVectors
from recurra.errors import ReadError, brief

_SAMPLE = 1 << 16
_OTHERS = {
    b"PK\x03\x04": "a ZIP archive. Unpack it, and give the file with the vectors in it",
    b"\xba\x16\x4f\x2f": "a fastText model (.bin). Give the .vec file that comes with it",
    b"\x93NUMPY": "a NumPy array, which does not say the words of its rows. Save it as safetensors with its words",
    b"\xff\xfe": "UTF-16 text. Save it as UTF-8",
    b"\xfe\xff": "UTF-16 text. Save it as UTF-8",
    b"\x89HDF": "an HDF5 file. Save the vectors as word2vec text",
    b"PAR1": "a Parquet file. Save the vectors as word2vec text",
}
_PICKLE = re.compile(rb"\x80[\x02-\x05]")
_HEADER = re.compile(rb"(?:\xef\xbb\xbf)?[ \t]*\d{1,15}[ \t]+\d{1,15}[ \t\r]*\n")
_OBJECT = re.compile(rb"(?:\xef\xbb\xbf)?[ \t\r\n]*\{[ \t\r\n]*\"")


class _Open(Protocol):
    """A file of some format, open at its beginning: see `TextVectors`."""

    width: int
    words: int
    undecodable: int

    def __init__(self, path: Path, file: IO[bytes]) -> None: ...

    @property
    def format(self) -> str: ...

    def read(self, selection: Selection) -> None: ...


@dataclass(frozen=True)
class FoundVectors:
    """The vectors of a file that are kept: each [D] float32.

    found: of the wanted words; extra: of further words, in the order of the file. deviation: the standard deviation of
    all their numbers. notes: what people should know of the file, in sentences.
    """

    found: Mapping[str, NDArray[np.float32]]
    extra: Mapping[str, NDArray[np.float32]]
    deviation: float
    notes: list[str] = field(default_factory=list)


class VectorFile:
    """A file of word vectors. name: what it is called by; format; width: D, numbers of each vector."""

    def __init__(self, path: Path, name: str | None = None) -> None:
        """Look at the beginning of the file. Raises ReadError where it cannot be read, or holds no word vectors."""
        self.path, self.name = path, name or path.name
        with opened(path) as content:
            file = _format(path, content)
            self.format, self.width = file.format, file.width

    @property
    def digest(self) -> str:
        """The sha256 digest of the file, and of that of its words where they are apart."""
        own = digest(self.path)
        beside = words_file(self.path)
        return f"{own}+{digest(beside)}" if self.format == "safetensors" and beside.exists() else own

    def read(
        self,
        wanted: Collection[str],
        keep: int = 0,
        fold: Callable[[str], str] = str.lower,
        usable: Callable[[str], bool] = lambda word: True,
    ) -> FoundVectors:
        """Return the vectors of the `wanted` words, and of the first `keep` further ones. See `Selection`.

        Raises ReadError, naming the line, where the file is damaged.
        """
        selection = Selection(wanted, keep, fold, usable)
        with opened(self.path) as content:
            file = _format(self.path, content)
            file.read(selection)
            while content.read(BLOCK):  # gzip is whole where its end is
                pass
        if not file.words:
            raise ReadError(f"{self.path} holds no word vectors: there is no word in it.")
        return FoundVectors(
            selection.found, selection.extra, _deviation(selection), _notes(selection, file, self.path.name)
        )


def _format(path: Path, content: IO[bytes]) -> _Open:
    """Return the file as one of its format, with its first lines read. Raises ReadError where it is none."""
    start = content.peek(_SAMPLE)[:_SAMPLE]  # type: ignore[attr-defined]
    return _format_of(path, start)(path, content)


def _format_of(path: Path, start: bytes) -> type[_Open]:
    if not start:
        raise ReadError(f"{path} is empty. Give a file with word vectors.")
    for sign, what in _OTHERS.items():
        if start.startswith(sign):
            raise ReadError(f"{path} is {what}.")
    if start[257:262] == b"ustar":
        raise ReadError(f"{path} is a tar archive. Unpack it (tar xf), and give the file with the vectors in it.")
    if _PICKLE.match(start):
        raise ReadError(
            f"{path} is a Python pickle, which is not opened since it may run code. Save the vectors as word2vec text, "
            "in gensim with save_word2vec_format."
        )
    length = int.from_bytes(start[:8], "little")
    if start[8:9] == b"{" and 2 <= length <= LARGEST_HEADER:
        return SafetensorsVectors
    if _OBJECT.match(start):
        return WinkVectors
    if (header := _HEADER.match(start)) and not _is_text(start[header.end() :]):
        return BinaryVectors
    if not header and b"\0" in start:
        raise ReadError(
            f"{path} holds no word vectors in a known format: GloVe or word2vec text, word2vec binary, fastText .vec, "
            "safetensors, or the JSON of wink-embeddings."
        )
    return TextVectors


def _is_text(start: bytes) -> bool:
    """Return whether what follows a header is lines of numbers rather than their bytes."""
    line, end, _ = start.partition(b"\n")
    numbers = line.split()[1:] if end else line.split()[1:-1]
    return b"\0" not in line and bool(numbers or end or not line) and all(map(_TEXT.fullmatch, numbers))


_TEXT = re.compile(rb"[\x21-\x7e]+")


def _deviation(selection: Selection) -> float:
    kept = [*selection.found.values(), *selection.extra.values()]
    return float(np.std(np.concatenate(kept), dtype=np.float64)) if kept else 0.0


def _notes(selection: Selection, file: Any, name: str) -> list[str]:
    notes = []
    if selection.first_repeat:
        word, place = selection.first_repeat
        times = f"{selection.repeated:,} entries repeat" if selection.repeated > 1 else "1 entry repeats"
        notes.append(
            f"In {name} {times} the word of an earlier one, first {brief(word)} at {place:,}; the earlier one counts."
        )
    if file.undecodable:
        notes.append(f"In {name} {file.undecodable:,} of {file.words:,} words are not UTF-8, and are left out.")
    return notes
