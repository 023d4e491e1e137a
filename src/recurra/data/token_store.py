"""Token ids on disk: one long array that is read by slices and costs no memory."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from recurra.data.spill_file import SpillFile

_SIZE = np.dtype(np.int32).itemsize


class TokenStore:
    """An append-only int32 array in a nameless file; `store[2:5]` reads a copy of that slice.

    Read rather than mapped: mapped pages count as the process's memory, and each costs a page fault. directory: as for
    `TextStore`. Raises OutputError if the disk is full or the directory cannot be written.
    """

    def __init__(self, directory: str | Path | None = None) -> None:
        self._directory = directory
        self._bytes = SpillFile("tokens", directory)

    def append(self, ids: NDArray[np.int32]) -> None:
        """Add `ids` [T] at the end."""
        self._bytes.append(np.ascontiguousarray(ids, dtype=np.int32).tobytes())

    def refill(self, rows: Iterable[NDArray[np.int32]]) -> array[int]:
        """Put `rows` of ids in place of all that is there. Returns the length of each."""
        filled = SpillFile("tokens", self._directory)
        self._bytes.close()
        self._bytes = filled
        sizes = array("q")
        for ids in rows:
            sizes.append(len(ids))
            self.append(ids)
        return sizes

    def __len__(self) -> int:
        return len(self._bytes) // _SIZE

    def __getitem__(self, part: slice) -> NDArray[np.int32]:
        """Return the ids of a slice without a step."""
        start, end, step = part.indices(len(self))
        if step != 1:
            raise ValueError(f"a store of ids is read without gaps, not by a step of {step}")
        return np.frombuffer(self._bytes.read(_SIZE * start, _SIZE * max(start, end)), dtype=np.int32)

    def close(self) -> None:
        """Give the disk space back."""
        self._bytes.close()
