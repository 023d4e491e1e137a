"""Pretrained word vectors as the start of a network's table, for any task whose options name a file of them.

Words of the vocabulary that the file lacks start at random. Words of the file that the training rows lack come along at
the end of the vocabulary; no step of training changes their vectors.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray

from recurra.data.word_vectors.known import find
from recurra.data.word_vectors.vector_file import FoundVectors, VectorFile
from recurra.errors import OptionError
from recurra.nn.embedding import Embedding
from recurra.options.training import FitOptions
from recurra.options.word_vectors import names_a_file

RATE = 0.3
"""Factor of the learning rate of vectors from a file: they are good already."""
DEVIATION = 0.1
"""Standard deviation of the random vectors of words that the file lacks."""
LITTLE_COVERED = 0.6
"""Share of the training tokens with a vector below which people are told: in texts of the file's language it is above
0.9."""

AnyOptions = TypeVar("AnyOptions", bound=FitOptions)


@dataclass(frozen=True)
class Pretrained:
    """The vectors of one file for the words of one vocabulary."""

    file: VectorFile
    vectors: FoundVectors

    @property
    def known(self) -> Collection[str]:
        """The words of the training rows that the file has."""
        return self.vectors.found.keys()

    @property
    def extra(self) -> Sequence[str]:
        """The words that come along: the training rows lack them."""
        return list(self.vectors.extra)

    def start(self, embedding: torch.nn.Embedding, words: Sequence[str], first: int, seed: int) -> None:
        """Fill a table [V, D] with the vectors of `words`, of which the first has the id `first`; those that come
        along are the last. The ids before the first, and words that the file lacks, get random vectors."""
        table = np.random.default_rng(seed).normal(0, DEVIATION, tuple(embedding.weight.shape)).astype(np.float32)
        self.fill(table, words, first)
        with torch.no_grad():
            embedding.weight.copy_(torch.from_numpy(table))
        if isinstance(embedding, Embedding):
            embedding.rate, embedding.learnt = RATE, len(table) - len(self.vectors.extra)

    def fill(self, table: NDArray[np.float32], words: Sequence[str], first: int) -> None:
        """Put the vectors of `words` that the file has into a table [V, D]; the first word has the id `first`."""
        for row, word in enumerate(words, first):
            vector = self.vectors.found.get(word)
            vector = self.vectors.extra.get(word) if vector is None else vector
            if vector is not None:
                table[row] = vector

    def facts(self, words: Collection[str], counts: Mapping[str, int]) -> dict[str, Any]:
        """Return "word_vectors" of metrics.json. words: of the vocabulary that the training rows have; counts: how
        often each word occurs in them."""
        found = self.vectors.found
        tokens = sum(counts.values())
        return {
            "name": self.file.name,
            "format": self.file.format,
            "sha256": self.file.digest,
            "dimensions": self.file.width,
            "vocabulary_covered": sum(word in found for word in words) / max(1, len(words)),
            "tokens_covered": sum(counts.get(word, 0) for word in found) / max(1, tokens),
            "words_beyond_training": len(self.vectors.extra),
        }


def pretrained(
    options: Any, wanted: Collection[str], fold: Callable[[str], str], usable: Callable[[str], bool]
) -> Pretrained | None:
    """Return the vectors of the `wanted` words and of those that come along; None where the options name no file.

    fold, usable: as of `Selection`. The last answer is remembered. Raises ReadError, naming the line, where the file is
    damaged, and as `find` does.
    """
    if not names_a_file(options.word_vectors):
        return None
    file = find(options.word_vectors)
    return Pretrained(file, _read(file, file.digest, frozenset(wanted), options.keep_words, fold, usable))


@lru_cache(maxsize=1)
def _read(
    file: VectorFile,
    digest: str,
    wanted: frozenset[str],
    keep: int,
    fold: Callable[[str], str],
    usable: Callable[[str], bool],
) -> FoundVectors:
    return file.read(wanted, keep, fold, usable)


def vector_findings(facts: Mapping[str, Any], notes: Sequence[str]) -> list[str]:
    """Return what people should know of their word vectors, in sentences; nothing of ordinary ones.

    facts: of `Pretrained.facts`; notes: of `FoundVectors`.
    """
    covered = facts["tokens_covered"]
    if covered >= LITTLE_COVERED:
        return list(notes)
    return [
        f"The word vectors of {facts['name']} know {covered:.0%} of the training tokens: are they of the language of "
        "the texts, and is the file in UTF-8? Without them, leave --word-vectors out.",
        *notes,
    ]


def with_width(options: AnyOptions) -> AnyOptions:
    """Return the options with the embedding size of their file of word vectors; as they are where they name none.

    Raises OptionError where another size was given, and as `find` does.
    """
    word_vectors = getattr(options, "word_vectors", None)
    if word_vectors is None or not names_a_file(word_vectors):
        return options
    width, embedding = find(word_vectors).width, getattr(options, "embedding", None)
    if "embedding" in options.model_fields_set and embedding != width:
        raise OptionError(
            f"--embedding {embedding} contradicts --word-vectors {word_vectors}, whose vectors have {width:,} numbers. "
            "Leave --embedding out."
        )
    return options.model_copy(update={"embedding": width})


def digest_of(options: FitOptions) -> str | None:
    """Return the digest of the file of word vectors that the options name; None where they name none."""
    word_vectors = getattr(options, "word_vectors", None)
    return find(word_vectors).digest if word_vectors is not None and names_a_file(word_vectors) else None
