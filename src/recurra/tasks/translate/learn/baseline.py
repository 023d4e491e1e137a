"""A word-for-word dictionary learnt from pairs of texts: the cheap opponent of a translator.

Which target word a source word becomes is learnt by expectation maximisation over all pairings within a pair, as in
IBM Model 1 without its empty word; a text is translated word by word, in its own order.

Source: Brown et al., 1993, The mathematics of statistical machine translation.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

import numpy as np
from numpy.typing import NDArray

from recurra.text.words import is_word, split

ROUNDS = 5
MOST_LINKS = 8_000_000
"""Pairings of words that are looked at; pairs beyond them are left out."""
LONGEST = 60
"""Words of a side beyond which a pair is left out."""


class WordDictionary:
    """Source word -> target word, as they are spelled. pairs: how many pairs it was learnt from."""

    def __init__(self, words: dict[str, str], pairs: int) -> None:
        self.words = words
        self.pairs = pairs

    @classmethod
    def fit(cls, pairs: Iterable[tuple[str, str]]) -> Self:
        """Return the dictionary of some pairs of texts."""
        sources: dict[str, int] = {}
        targets: dict[str, int] = {}
        left: list[NDArray[np.int64]] = []
        right: list[NDArray[np.int64]] = []
        place: list[NDArray[np.int64]] = []
        links = slots = used = 0
        for source, target in pairs:
            mine = [sources.setdefault(word, len(sources)) for word in split(source)]
            theirs = [targets.setdefault(word, len(targets)) for word in split(target)]
            if not mine or not theirs or max(len(mine), len(theirs)) > LONGEST:
                continue
            left.append(np.tile(np.array(mine), len(theirs)))
            right.append(np.repeat(np.array(theirs), len(mine)))
            place.append(slots + np.repeat(np.arange(len(theirs)), len(mine)))  # each target word chooses a source word
            slots += len(theirs)
            links += len(mine) * len(theirs)
            used += 1
            if links >= MOST_LINKS:
                break
        if not used:
            return cls({}, 0)
        codes, which = np.unique(np.concatenate(left) * len(targets) + np.concatenate(right), return_inverse=True)
        of_source, of_target = np.divmod(codes, len(targets))
        chance = _learnt(which, np.concatenate(place), of_source)
        order = np.lexsort((-chance, of_source))  # the first of each source word is its likeliest
        first = order[np.unique(of_source[order], return_index=True)[1]]
        spelled, meant = list(sources), list(targets)
        return cls({spelled[of_source[i]]: meant[of_target[i]] for i in first}, used)

    def translate(self, text: str) -> str:
        """Return the text word by word; an unknown word stays as it is, and punctuation is closed up."""
        written = ""
        for word in split(text):
            meant = self.words.get(word, word)
            written += meant if not written or not is_word(meant) else f" {meant}"
        return written


def _learnt(which: NDArray[np.intp], place: NDArray[np.int64], source: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return p(target word | source word) [links distinct].

    which: [L] the distinct link of each link; place: [L] the target position that it could explain; source: the source
    word of each distinct link.
    """
    chance = np.ones(len(source))
    for _ in range(ROUNDS):
        weight = chance[which]
        weight /= np.bincount(place, weights=weight)[place]
        count = np.bincount(which, weights=weight, minlength=len(source))
        chance = count / np.bincount(source, weights=count)[source]
    return chance
