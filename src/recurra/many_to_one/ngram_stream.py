"""What the n-grams of a text that arrives in pieces add to its logits: each once, as in the whole text."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.errors import OptionError
from recurra.many_to_one.ngrams import NgramModel
from recurra.text.subwords import subwords

MOST_SEEN = 2**16
"""N-grams, or unknown words, that are remembered at most; later ones add nothing, so that the state is bounded."""
LARGEST_TOTAL = 1e6
_DIGEST_BYTES = 6
_FIELDS = ("seen", "words", "last", "total")


class NgramStream:
    """Sums the weights of the distinct n-grams of a text as it is read.

    seen: features that were met and add something; words: digests of the unknown words that were met; last: the ids
    before the next one, as many as an n-gram can reach back to; total: [O] float64, the logits so far.
    """

    def __init__(self, model: NgramModel) -> None:
        self._model = model
        self._seen: set[int] = set()
        self._words: set[int] = set()
        self._last: list[int] = []
        self._total = np.zeros(model.weights.shape[1])

    def read(self, ids: NDArray[np.int32], unknown: Sequence[str]) -> NDArray[np.float64]:
        """Take in the next ids [T], unknown words as UNKNOWN; return the logits of all so far [O].

        unknown: the unknown words among them, in lower case.
        """
        self._total, seen, words = self._sum(ids, unknown)
        self._seen |= seen
        self._words |= words
        context = [*self._last, *ids.tolist()]
        self._last = context[max(0, len(context) - self._model.hashing.order + 1) :]
        return self._total

    def after(self, ids: NDArray[np.int32], unknown: Sequence[str]) -> NDArray[np.float64]:
        """Return what `read` would, without taking anything in."""
        return self._sum(ids, unknown)[0]

    def _sum(self, ids: NDArray[np.int32], unknown: Sequence[str]) -> tuple[NDArray[np.float64], set[int], set[int]]:
        """Return (the logits [O] with what is new in the next ids, its features, the digests of its unknown words)."""
        hashing, before = self._model.hashing, len(self._last)
        feature, begin, size = hashing.occurrences(np.array([*self._last, *ids.tolist()], dtype=np.int32))
        new = np.unique(feature[begin + size > before])
        new = new[(self._model.weights[new] != 0).any(axis=1)]
        seen = set(new.tolist()) - self._seen
        if len(self._seen) + len(seen) > MOST_SEEN:
            seen = set()
        total = self._total + self._model.weights[sorted(seen)].sum(axis=0, dtype=np.float64)
        digests: dict[int, str] = {}
        if self._model.spellings is not None:
            digests = {digest: word for word in unknown if (digest := _digest(word)) not in self._words}
            if len(self._words) + len(digests) > MOST_SEEN:
                digests = {}
            grams = [subwords(word, self._model.subwords) for word in digests.values()]
            total = total + self._model.of_spellings(grams).sum(axis=0, dtype=np.float64)
        return total, seen, set(digests)

    def state(self) -> dict[str, Any]:
        """Return all of it as plain JSON values. No word is in it that can be read."""
        return {
            "seen": sorted(self._seen),
            "words": sorted(self._words),
            "last": self._last,
            "total": self._total.tolist(),
        }

    @classmethod
    def restored(cls, model: NgramModel, plain: Any) -> NgramStream:
        """Return the one whose `state` was `plain`. Raises OptionError for what no such state is."""
        stream = cls(model)
        if not (isinstance(plain, Mapping) and plain.keys() == set(_FIELDS)):
            raise OptionError("The state of a session is damaged: that of the n-grams is not whole.")
        limits = {
            "seen": (model.hashing.features, MOST_SEEN),
            "words": (2 ** (8 * _DIGEST_BYTES), MOST_SEEN),
            "last": (model.hashing.words, model.hashing.order - 1),
        }
        for name, (end, most) in limits.items():
            numbers = plain[name]
            if not (
                isinstance(numbers, list)
                and len(numbers) <= most
                and all(type(number) is int and 0 <= number < end for number in numbers)
            ):
                raise OptionError(f"The state of a session is damaged: its {name!r} are not those of the model.")
        total = plain["total"]
        if not (
            isinstance(total, list)
            and len(total) == len(stream._total)
            and all(type(value) is float and math.isfinite(value) and abs(value) < LARGEST_TOTAL for value in total)
        ):
            raise OptionError("The state of a session is damaged: no text leads to the numbers in it.")
        stream._seen, stream._words, stream._last = set(plain["seen"]), set(plain["words"]), list(plain["last"])
        stream._total = np.array(total)
        return stream


def _digest(word: str) -> int:
    """Return a number that stands for a word, from which the word cannot be read."""
    return int.from_bytes(blake2b(word.encode("utf-8", "surrogatepass"), digest_size=_DIGEST_BYTES).digest())
