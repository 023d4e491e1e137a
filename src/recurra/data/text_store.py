"""Texts on disk: read once, then taken back by row number, with 8 bytes of memory a row."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Self

from recurra.data.spill_file import SpillFile


class TextStore:
    """An append-only store of texts in a nameless file, which vanishes when closed or when the process dies.

    directory: where to keep the file (default: the system's place for temporary files). Texts come back as they
    went in, lone surrogates included. Raises OutputError if the disk is full or the directory cannot be written.

    >>> with TextStore() as store:
    ...     row = store.append("a text")
    ...     print(row, store[row], len(store))
    0 a text 1
    """

    def __init__(self, directory: str | Path | None = None) -> None:
        self._bytes = SpillFile("texts", directory)
        self._ends = array("q", [0])  # text i lies between _ends[i] and _ends[i + 1]

    def append(self, text: str) -> int:
        """Store `text` and return its row number, from 0."""
        try:
            self._bytes.append(text.encode("utf-8", "surrogatepass"))
        finally:  # what could not be written is kept: it does not become the next text's beginning
            self._ends.append(len(self._bytes))
        return len(self._ends) - 2

    @property
    def size(self) -> int:
        """How many bytes all texts have."""
        return self._ends[-1]

    def __len__(self) -> int:
        return len(self._ends) - 1

    def __getitem__(self, row: int) -> str:
        """Return the text of `row` (negative ones count from the end). Raises IndexError beyond the last."""
        if not -len(self) <= row < len(self):
            raise IndexError(f"row {row} of {len(self)}")
        row = int(row) % len(self)
        return self._bytes.read(self._ends[row], self._ends[row + 1]).decode("utf-8", "surrogatepass")

    def __iter__(self) -> Iterator[str]:
        return self.select(range(len(self)))

    def select(self, rows: Iterable[int]) -> Iterator[str]:
        """Yield the texts of `rows`, in the order asked."""
        for row in rows:
            yield self[row]

    def close(self) -> None:
        """Give the disk space back."""
        self._bytes.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
