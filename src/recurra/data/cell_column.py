"""A column of cells beside the texts, such as who wrote each: every distinct cell is kept once."""

from __future__ import annotations

from array import array

import numpy as np
from numpy.typing import NDArray


class CellColumn:
    """The cells of a column, row by row; white space around them does not count.

    name: of the column. values: the distinct cells in the order of their first. codes: [N], which of them each row has,
    -1 for an empty one.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.values: list[str] = []
        self._index: dict[str, int] = {}
        self._codes = array("q")

    def add(self, cell: str | None) -> None:
        """Take the cell of the next row."""
        plain = (cell or "").strip()
        if not plain:
            self._codes.append(-1)
            return
        code = self._index.setdefault(plain, len(self.values))
        if code == len(self.values):
            self.values.append(plain)
        self._codes.append(code)

    def __len__(self) -> int:
        return len(self._codes)

    @property
    def codes(self) -> NDArray[np.int64]:
        """Which of `values` each row has [N], -1 where the cell is empty."""
        return np.array(self._codes, dtype=np.int64)
