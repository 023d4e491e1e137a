"""The majority baseline of a tagger: the most frequent tag of each word."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

NAME = "most frequent tag of each word"


class MajorityBaseline:
    """Predicts for each word its most frequent tag in training, and for an unknown word the most frequent tag of all.

    Of equally frequent tags, the first in alphabetical order. sentences, tags: equally many, word for word.
    """

    def __init__(self, sentences: Iterable[Sequence[str]], tags: Iterable[Sequence[str]]) -> None:
        counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
        total: Counter[str] = Counter()
        for words, gold in zip(sentences, tags, strict=True):
            total.update(gold)
            for word, tag in zip(words, gold, strict=True):
                counts[word][tag] += 1
        self._of_word = {word: _most_frequent(of_word) for word, of_word in counts.items()}
        self._otherwise = _most_frequent(total)

    def tag(self, sentences: Iterable[Sequence[str]]) -> list[list[str]]:
        """Return a tag for each word of each sentence."""
        return [[self._of_word.get(word, self._otherwise) for word in words] for words in sentences]


def _most_frequent(counts: Counter[str]) -> str:
    return min(counts, key=lambda tag: (-counts[tag], tag))
