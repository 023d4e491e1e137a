"""An alphabet of single letters and a space, for tests of what reads symbols."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray


class Letters:
    """Symbol 1 is the space, 2 and on are the letters."""

    def __init__(self, letters: str) -> None:
        self.characters = "\0 " + letters
        self.space = 1

    def symbols(self, transcript: str) -> NDArray[np.int64] | None:
        if not set(transcript) <= set(self.characters[1:]):
            return None
        return np.array([self.characters.index(letter) for letter in transcript], dtype=np.int64)

    def text(self, symbols: Iterable[int]) -> str:
        return "".join(self.characters[symbol] for symbol in symbols)
