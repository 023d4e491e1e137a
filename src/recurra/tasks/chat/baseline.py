"""The retrieval baseline of a chat model: the reply to the most similar turn in training.

Turns are TF-IDF vectors of their words, compared by the cosine. Source: Manning, Raghavan and Schütze, 2008,
Introduction to information retrieval, chapter 6; the weights are those of scikit-learn's TfidfVectorizer with
`sublinear_tf`: (1 + ln count) (1 + ln((1 + N) / (1 + turns with the word))), scaled to length 1.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Self

import numpy as np
from numpy.typing import NDArray

NAME = "Reply to the nearest turn (TF-IDF)"


class RetrievalBaseline:
    """Finds the nearest of N turns.

    words: spelling -> its number. rarity: [words] the second factor above. starts [words + 1], turns, weights: of the
    word w, `turns[starts[w] : starts[w + 1]]` are the numbers of the turns with it, and `weights` there its weight in
    each.
    """

    def __init__(
        self,
        words: dict[str, int],
        rarity: NDArray[np.float64],
        starts: NDArray[np.int64],
        turns: NDArray[np.int64],
        weights: NDArray[np.float64],
        count: int,
    ) -> None:
        self._words, self._rarity, self._count = words, rarity, count
        self._starts, self._turns, self._weights = starts, turns, weights

    @classmethod
    def fit(cls, turns: Iterable[str]) -> Self:
        """Index `turns`, from which the weights of words are computed too."""
        words: dict[str, int] = {}
        word, turn, times = array("q"), array("q"), array("q")
        count = 0
        for count, text in enumerate(turns, 1):
            for spelling, occurrences in Counter(_split(text)).items():
                word.append(words.setdefault(spelling, len(words)))
                turn.append(count - 1)
                times.append(occurrences)
        of_word, of_turn = np.array(word, dtype=np.int64), np.array(turn, dtype=np.int64)
        in_turns = np.bincount(of_word, minlength=len(words))
        rarity = 1 + np.log((1 + count) / (1 + in_turns))
        weights = (1 + np.log(np.array(times, dtype=np.float64))) * rarity[of_word]
        weights /= np.sqrt(np.bincount(of_turn, weights**2, minlength=count))[of_turn]
        order = np.argsort(of_word, kind="stable")
        starts = np.concatenate([[0], np.cumsum(in_turns)]).astype(np.int64)
        return cls(words, rarity, starts, of_turn[order], weights[order], count)

    def find(self, turns: Sequence[str]) -> NDArray[np.int64]:
        """Return the index of the nearest turn for each of `turns`; the first one of several that are equally near."""
        nearest = np.zeros(len(turns), dtype=np.int64)
        for row, text in enumerate(turns):
            cosine = np.zeros(self._count)
            for number, weight in self._vector(text).items():
                place = slice(self._starts[number], self._starts[number + 1])
                cosine[self._turns[place]] += weight * self._weights[place]
            nearest[row] = np.argmax(cosine >= cosine.max(initial=0.0) - 1e-9) if self._count else 0
        return nearest

    def similarity(self, texts: Sequence[str], others: Sequence[str]) -> NDArray[np.float64]:
        """Return the cosine [len(texts), len(others)] of each text with each of the others."""
        left, right = ([self._vector(text) for text in each] for each in (texts, others))
        return np.array(
            [[sum(weight * two.get(number, 0.0) for number, weight in one.items()) for two in right] for one in left],
            dtype=np.float64,
        ).reshape(len(texts), len(others))

    def _vector(self, text: str) -> dict[int, float]:
        """Return the weight of each known word of a text by its number; the squares add up to 1, or to 0 with none."""
        counts = Counter(number for word in _split(text) if (number := self._words.get(word)) is not None)
        weights = {number: (1 + np.log(times)) * self._rarity[number] for number, times in counts.items()}
        length = sum(weight**2 for weight in weights.values()) ** 0.5
        return {number: float(weight / length) for number, weight in weights.items()}


def _split(text: str) -> list[str]:
    return text.lower().split()
