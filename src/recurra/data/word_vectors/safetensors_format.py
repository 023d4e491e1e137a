"""Word vectors as safetensors: one table of floating-point numbers [V, D], and the words of its rows.

The words are a JSON list of V strings, either as the text `words` in the file's own metadata, or in the file of the
same name with the suffix `.words.json` instead of `.safetensors`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from recurra.data.word_vectors.selection import Selection
from recurra.data.word_vectors.text_format import check_width, finite
from recurra.errors import ReadError, brief

LARGEST_HEADER = 100_000_000
"""Bytes, as in the safetensors library."""
LARGEST_WORDS = 1 << 30
"""Bytes of a file of words."""
_SIZES = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2}


def words_file(path: Path) -> Path:
    """Return where the words of a file are, unless they are in its metadata."""
    plain = path.with_suffix("") if path.suffix.lower() == ".gz" else path
    return plain.with_suffix(".words.json")


class SafetensorsVectors:
    """A safetensors file, open at its beginning. Its attributes are those of `TextVectors`."""

    format = "safetensors"

    def __init__(self, path: Path, file: IO[bytes]) -> None:
        """Read the header. Raises ReadError where it is not that of a table of numbers, or its words are not there."""
        self._path, self._file = path, file
        self.words = self.undecodable = 0
        length = int.from_bytes(file.read(8), "little")
        header = self._header(file.read(length), length)
        self._type, self.stated, self.width, self._begin = self._table(header)
        self._words = self._read_words(header.get("__metadata__") or {})
        check_width(path, self.width)

    def read(self, selection: Selection) -> None:
        """Read to the end, and keep the vectors of the selected words. Raises ReadError, naming the row."""
        size = _SIZES[self._type] * self.width
        left = self._begin
        while left and (block := self._file.read(min(left, 1 << 20))):
            left -= len(block)
        for row, word in enumerate(self._words):
            content = self._file.read(size)
            if len(content) < size:
                raise ReadError(
                    f"{self._path} ends in row {row:,} of the {self.stated:,} that its header says. It is cut short: "
                    "fetch it again."
                )
            self.words += 1
            if (key := selection.key(word, row)) is not None:
                selection.put(key, word, finite(self._path, _values(content, self._type), word, f"row {row:,}"))

    def _header(self, content: bytes, length: int) -> dict[str, Any]:
        try:
            header = json.loads(content)
            if len(content) == length and isinstance(header, dict):
                return header
        except (ValueError, RecursionError):
            pass
        raise ReadError(f"{self._path} is not a whole safetensors file: its header cannot be read. Fetch it again.")

    def _table(self, header: dict[str, Any]) -> tuple[str, int, int, int]:
        """Return (type, V, D, first byte after the header) of the only table of numbers."""
        tables = {
            name: entry
            for name, entry in header.items()
            if name != "__metadata__" and isinstance(entry, dict) and len(entry.get("shape") or ()) == 2
        }
        if len(tables) != 1:
            found = f"holds {len(tables)} tables" if tables else "holds no table"
            raise ReadError(f"{self._path} {found} of two dimensions. It must be one: a row for each word.")
        name, entry = next(iter(tables.items()))
        kind, shape, offsets = entry.get("dtype"), entry["shape"], entry.get("data_offsets") or [0, -1]
        if kind not in _SIZES:
            raise ReadError(
                f"{self._path}: the table {brief(name)} is of type {brief(kind)}; it must be F64, F32, F16 or BF16."
            )
        whole = all(type(number) is int and number >= 0 for number in [*shape, *offsets])
        if not whole or len(offsets) != 2 or offsets[1] - offsets[0] != _SIZES[kind] * shape[0] * shape[1]:
            raise ReadError(
                f"{self._path} is not a whole safetensors file: the size of {brief(name)} is wrong. Fetch it again."
            )
        return kind, shape[0], shape[1], offsets[0]

    def _read_words(self, metadata: Any) -> Sequence[str]:
        beside, stated = words_file(self._path), metadata.get("words") if isinstance(metadata, dict) else None
        where = f"`words` in the metadata of {self._path}" if stated is not None else str(beside)
        try:
            if stated is None:
                with beside.open("rb") as file:
                    stated = file.read(LARGEST_WORDS)
            words = json.loads(stated)
        except FileNotFoundError:
            raise ReadError(
                f"{self._path} does not say which words its rows are for: it has no `words` in its metadata, and there "
                f"is no {beside.name} beside it. Write that file: a JSON list of {self.stated:,} words."
            ) from None
        except OSError as error:
            raise ReadError(f"Cannot read {beside}: {error.strerror}.") from None
        except (ValueError, TypeError, RecursionError):
            raise ReadError(f"{where} is not a JSON list of words. Write it anew.") from None
        if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
            raise ReadError(f"{where} is not a JSON list of words. Write it anew.")
        if len(words) != self.stated:
            raise ReadError(f"{where} has {len(words):,} words for {self.stated:,} rows. There must be one for each.")
        return words


def _values(content: bytes, kind: str) -> NDArray[Any]:
    if kind == "BF16":
        return (np.frombuffer(content, dtype="<u2").astype(np.uint32) << 16).view(np.float32)
    return np.frombuffer(content, dtype={"F64": "<f8", "F32": "<f4", "F16": "<f2"}[kind])
