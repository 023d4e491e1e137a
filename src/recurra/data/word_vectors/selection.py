"""Which words of a file of vectors are kept: those that are wanted, and the first of the others."""

from __future__ import annotations

from collections.abc import Callable, Collection

import numpy as np
from numpy.typing import NDArray


class Selection:
    """The vectors that are kept while a file is read, by word.

    wanted: words, as `fold` returns them. keep: how many further words come along, the first of the file that `usable`
    accepts. fold: from a word of the file to the form in which words are looked up, such as its lower case.

    An entry whose own spelling is that form counts more than one that is folded to it; of equals the first counts.

    found: the vectors of wanted words; extra: those of the further words, in the order of the file; repeated: how many
    entries repeat the word of another that was kept, and first_repeat: the word and its place.
    """

    def __init__(
        self, wanted: Collection[str], keep: int, fold: Callable[[str], str], usable: Callable[[str], bool]
    ) -> None:
        self.found: dict[str, NDArray[np.float32]] = {}
        self.extra: dict[str, NDArray[np.float32]] = {}
        self.repeated = 0
        self.first_repeat: tuple[str, int] | None = None
        self._wanted, self._keep, self._fold, self._usable = frozenset(wanted), keep, fold, usable
        self._as_spelled: set[str] = set()

    def key(self, word: str, place: int) -> str | None:
        """Return the word that an entry of the file is kept for; None where it is not kept. place: of the entry."""
        key = word if word in self._wanted else self._fold(word)
        if key in self._wanted:
            there = key in self.found
        elif key in self.extra:
            there = True
        elif len(self.extra) < self._keep and self._usable(key):
            return key
        else:
            return None
        if not there:
            return key
        if word != key:
            return None
        if key not in self._as_spelled:
            return key
        self.repeated += 1
        self.first_repeat = self.first_repeat or (word, place)
        return None

    def put(self, key: str, word: str, vector: NDArray[np.float32]) -> None:
        """Keep a vector. key: what `key` returned for `word`."""
        if word == key:
            self._as_spelled.add(key)
        (self.found if key in self._wanted else self.extra)[key] = vector
