"""The word-for-word baseline of a translator: a translation table estimated from a parallel corpus.

The translation of a source word is estimated by expectation maximisation over all word alignments within a pair, as
in IBM Model 1 without its empty word; a text is translated word by word, in its own order.

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
"""The most pairs of words that are counted; texts beyond them are left out."""
LONGEST = 60
"""Words of a side beyond which a pair is left out."""


class TranslationTable:
    """Source word -> target word, as spelled. pairs: how many pairs of texts it was estimated from."""

    def __init__(self, words: dict[str, str], pairs: int) -> None:
        self.words = words
        self.pairs = pairs

    @classmethod
    def fit(cls, pairs: Iterable[tuple[str, str]]) -> Self:
        """Return the translation table of a parallel corpus."""
        sources: dict[str, int] = {}
        targets: dict[str, int] = {}
        left: list[NDArray[np.int64]] = []
        right: list[NDArray[np.int64]] = []
        position: list[NDArray[np.int64]] = []
        links = slots = used = 0
        for source, target in pairs:
            source_ids = [sources.setdefault(word, len(sources)) for word in split(source)]
            target_ids = [targets.setdefault(word, len(targets)) for word in split(target)]
            if not source_ids or not target_ids or max(len(source_ids), len(target_ids)) > LONGEST:
                continue
            left.append(np.tile(np.array(source_ids), len(target_ids)))
            right.append(np.repeat(np.array(target_ids), len(source_ids)))
            position.append(
                slots + np.repeat(np.arange(len(target_ids)), len(source_ids))
            )  # each target word chooses a source word
            slots += len(target_ids)
            links += len(source_ids) * len(target_ids)
            used += 1
            if links >= MOST_LINKS:
                break
        if not used:
            return cls({}, 0)
        codes, which = np.unique(np.concatenate(left) * len(targets) + np.concatenate(right), return_inverse=True)
        of_source, of_target = np.divmod(codes, len(targets))
        probability = _expectation_maximisation(which, np.concatenate(position), of_source)
        order = np.lexsort((-probability, of_source))  # the first of each source word is its likeliest
        first = order[np.unique(of_source[order], return_index=True)[1]]
        source_words, target_words = list(sources), list(targets)
        return cls({source_words[of_source[i]]: target_words[of_target[i]] for i in first}, used)

    def translate(self, text: str) -> str:
        """Return the translation word by word. An unknown word is kept; there is no space before punctuation."""
        written = ""
        for word in split(text):
            translation = self.words.get(word, word)
            written += translation if not written or not is_word(translation) else f" {translation}"
        return written


def _expectation_maximisation(
    which: NDArray[np.intp], position: NDArray[np.int64], source: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return p(target word | source word) [links distinct].

    which: [L] the distinct link of each link; position: [L] the target position that it could explain; source: the
    source word of each distinct link.
    """
    probability = np.ones(len(source))
    for _ in range(ROUNDS):
        weight = probability[which]
        weight /= np.bincount(position, weights=weight)[position]
        count = np.bincount(which, weights=weight, minlength=len(source))
        probability = count / np.bincount(source, weights=count)[source]
    return probability
