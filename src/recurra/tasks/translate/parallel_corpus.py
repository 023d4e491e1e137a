"""Pairs of texts read once: the texts on disk, some tens of bytes per pair in memory, and what is wrong with them."""

from __future__ import annotations

from array import array
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.data.fingerprint import Fingerprint
from recurra.data.normalise import digest, normalise
from recurra.data.text_store import TextStore
from recurra.terminal.counts import counted


class ParallelCorpus:
    """Pairs are added one by one; a pair with an empty side is left out and counted.

    sources, targets: the texts by row. numbers: [N] the number of each in its file, from 1; groups: [N] shared by pairs
    of equal normalised source.
    """

    def __init__(self, directory: Path | None = None) -> None:
        """directory: where the texts lie until `close` (None: the temporary directory). Raises OutputError."""
        self.sources, self.targets = TextStore(directory), TextStore(directory)
        self._numbers, self._sources, self._pairs = array("q"), array("Q"), array("Q")
        self._fingerprint = Fingerprint()
        self._training_fingerprint = ""
        self._in_file = 0
        self.empty = 0
        self.copies = 0
        self.first_empty = 0

    def __len__(self) -> int:
        return len(self._numbers)

    def add(self, source: str | None, target: str | None) -> bool:
        """Take a pair. Returns False where a side is empty."""
        self._in_file += 1
        plain = normalise(source or ""), normalise(target or "")
        if source is None or target is None or not all(plain):
            self.empty += 1
            self.first_empty = self.first_empty or self._in_file
            return False
        self.copies += plain[0] == plain[1]
        self._numbers.append(self._in_file)
        self._sources.append(digest(plain[0]))
        self._pairs.append(digest("\n".join(plain)))
        self.sources.append(source)
        self.targets.append(target)
        self._fingerprint.add(source, target)
        return True

    def next_file(self) -> None:
        """Number the pairs that follow from 1 again: they come from another file, of held-out pairs."""
        self._in_file = 0
        self._training_fingerprint = self.fingerprint

    @property
    def numbers(self) -> NDArray[np.int64]:
        return np.array(self._numbers, dtype=np.int64)

    @property
    def groups(self) -> NDArray[np.int64]:
        return np.array(self._sources, dtype=np.uint64).view(np.int64)

    @property
    def fingerprint(self) -> str:
        """A digest of all pairs in their order."""
        return self._fingerprint.hexdigest()

    @property
    def training_fingerprint(self) -> str:
        """A digest of the pairs of the first file."""
        return self._training_fingerprint or self.fingerprint

    def report(self) -> dict[str, Any]:
        """Return counts for people: pairs, empty, copies (both sides alike), repeats and sources of several targets."""
        pairs, sources = np.array(self._pairs, dtype=np.uint64), np.array(self._sources, dtype=np.uint64)
        distinct = len(np.unique(pairs))
        return {
            "rows": len(self) + self.empty,
            "empty_rows": self.empty,
            "copied_rows": self.copies,
            "normalised_duplicates": len(pairs) - distinct,
            "sources_with_several_targets": distinct - len(np.unique(sources)),
        }

    def findings(self) -> list[str]:
        """Return what people should know, in sentences."""
        counts = self.report()
        sentences = []
        if self.empty:
            verbs = ("has", "is") if self.empty == 1 else ("have", "are")
            sentences.append(
                f"{self.empty:,} of {counted(counts['rows'], 'pair')} {verbs[0]} an empty side and {verbs[1]} left "
                f"out; the first is number {self.first_empty:,}."
            )
        if self.copies:
            sentences.append(f"{counted(self.copies, 'pair has', 'pairs have')} the same text on both sides.")
        if counts["normalised_duplicates"]:
            sentences.append(
                f"{counted(counts['normalised_duplicates'], 'pair repeats', 'pairs repeat')} another; repeats stay on "
                "one side of a split."
            )
        return sentences

    def close(self) -> None:
        """Remove the texts."""
        self.sources.close()
        self.targets.close()
