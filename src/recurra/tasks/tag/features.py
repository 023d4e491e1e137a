"""The features of a word that a tagger reads: its id, its shape, hashed prefixes and suffixes, and its characters.

A word that no training sentence has still has its ending, its capitals and its spelling, from which a tag can be
predicted.
"""

from __future__ import annotations

import json
import re
import zlib
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recurra.errors import ArtefactError, brief

UNKNOWN = 0
"""The id of a word, and of a character, that training did not count often enough."""

PREFIXES, SUFFIXES = (1, 2, 3), (1, 2, 3, 4)
AFFIXES = len(PREFIXES) + len(SUFFIXES)
WORD_SHAPES = 64
"""Word shapes: the combinations of six properties of a word's characters."""
LONGEST = 32
"""Characters of a word that are read; of a longer one, half from each end."""
RULE = "lower, digits as 0; prefixes 1-3, suffixes 1-4, crc32"

_DIGIT = re.compile(r"\d")


@dataclass(frozen=True)
class Features:
    """U distinct words. words, word_shapes: [U]; affixes: [U, AFFIXES]; characters: [U, C], right-padded; sizes: [U],
    the lengths of the words. All int64.
    """

    words: NDArray[np.int64]
    word_shapes: NDArray[np.int64]
    affixes: NDArray[np.int64]
    characters: NDArray[np.int64]
    sizes: NDArray[np.int64]


class WordFeatures:
    """Encodes words as the features that the network embeds.

    words: the known ones, normalised; the first has the id 1. characters: the known ones; the first has the id 1.
    buckets: how many rows the hashed affixes share.
    """

    def __init__(self, words: Sequence[str], characters: Sequence[str], buckets: int) -> None:
        self.words, self.characters, self.buckets = list(words), list(characters), buckets
        self._ids = {word: i for i, word in enumerate(self.words, UNKNOWN + 1)}
        self._character_ids = {character: i for i, character in enumerate(self.characters, UNKNOWN + 1)}

    @classmethod
    def fitted(
        cls,
        words: Iterable[str],
        *,
        size: int,
        min_count: int,
        buckets: int,
        known: Collection[str] = (),
        extra: Sequence[str] = (),
    ) -> WordFeatures:
        """Return the features fitted on the training `words`: the `size` commonest that occur `min_count` times, or are
        among the `known`, have an id, and so does every character that occurs twice. extra: further words, normalised,
        which the training words lack; their ids are the last."""
        spellings = Counter(words)
        counts: Counter[str] = Counter()
        characters: Counter[str] = Counter()
        for spelling, count in spellings.items():
            counts[normal(spelling)] += count
            for character in spelling:
                characters[character] += count
        frequent = (word for word in counts if counts[word] >= min_count or word in known)
        chosen = sorted(frequent, key=lambda word: (-counts[word], word))
        letters = sorted(character for character in characters if characters[character] > 1)
        return cls([*chosen[:size], *extra], letters, buckets)

    @property
    def vocabulary(self) -> int:
        """Number of word ids, UNKNOWN included."""
        return len(self.words) + 1

    @property
    def alphabet(self) -> int:
        """Number of character ids, UNKNOWN included."""
        return len(self.characters) + 1

    def knows(self, word: str) -> bool:
        """Return whether the word has an id of its own."""
        return normal(word) in self._ids

    def features(self, words: Sequence[str]) -> Features:
        """Return the features of `words`, each by itself: equal words have equal features in every sentence."""
        normals = [normal(word) for word in words]
        read = [_shortened(word) for word in words]
        sizes = np.array([max(1, len(word)) for word in read], dtype=np.int64)
        characters = np.zeros((len(words), int(sizes.max(initial=1))), dtype=np.int64)
        for row, word in zip(characters, read, strict=True):
            row[: len(word)] = [self._character_ids.get(character, UNKNOWN) for character in word]
        affixes = [self._affixes(word) for word in normals]
        return Features(
            np.array([self._ids.get(word, UNKNOWN) for word in normals], dtype=np.int64),
            np.array([word_shape(word) for word in words], dtype=np.int64),
            np.array(affixes, dtype=np.int64).reshape(len(words), AFFIXES),
            characters,
            sizes,
        )

    def _affixes(self, word: str) -> list[int]:
        """Return the buckets of a normalised word's prefixes and suffixes; a shorter word gives itself whole."""
        parts = [f"{n}<{word[:n]}" for n in PREFIXES] + [f"{n}>{word[-n:]}" for n in SUFFIXES]
        return [zlib.crc32(part.encode("utf-8", "surrogatepass")) % self.buckets for part in parts]

    def to_json(self) -> str:
        """Return everything that `from_json` needs, as JSON text."""
        plain = {"rule": RULE, "buckets": self.buckets, "characters": self.characters, "words": self.words}
        return json.dumps(plain, ensure_ascii=True)

    @classmethod
    def from_json(cls, text: str | bytes) -> WordFeatures:
        """Return the word features that `to_json` described. Raises ArtefactError for any other JSON."""
        try:
            plain = json.loads(text)
            rule, buckets, characters, words = (plain[key] for key in ("rule", "buckets", "characters", "words"))
            sound = type(buckets) is int and buckets > 0 and len(plain) == 4
            for strings in (characters, words):
                sound = sound and isinstance(strings, list) and all(isinstance(string, str) for string in strings)
                sound = sound and len(set(strings)) == len(strings)
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise ArtefactError(
                f"tokenizer.json is not a tagger's tokenizer: {brief(error)}. Train the model again."
            ) from None
        if rule != RULE:
            raise ArtefactError(
                f"tokenizer.json divides words by the rule {brief(rule)}; this Recurra knows {RULE!r}. "
                "Upgrade Recurra, or train the model again."
            )
        if not sound:
            raise ArtefactError("tokenizer.json has a value out of range. Train the model again.")
        return cls(words, characters, buckets)


def normal(word: str) -> str:
    """Return the form under which a word is known: lower case, every digit 0."""
    return _DIGIT.sub("0", word.lower())


def word_shape(word: str) -> int:
    """Return the shape of a word: which kinds of characters it has, as an integer below `WORD_SHAPES`."""
    first = word[:1]
    properties = (
        first.isupper(),
        word.isupper() and len(word) > 1,
        any(character.isupper() for character in word[1:]),
        any(character.isdigit() for character in word),
        any(character.isalpha() for character in word),
        any(not character.isalnum() for character in word),
    )
    return sum(1 << bit for bit, holds in enumerate(properties) if holds)


def _shortened(word: str) -> str:
    return word if len(word) <= LONGEST else word[: LONGEST // 2] + word[-(LONGEST // 2) :]
