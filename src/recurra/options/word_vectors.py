"""How word vectors start, and which words of a file of vectors come along."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from recurra.options.base import Options

COUNTED, RANDOM = "counted", "random"
KEPT_WORDS = 20_000

WordVectors = Annotated[
    str,
    Field(
        min_length=1,
        description="Initial word vectors: counted from co-occurrences in the training rows, random, or pretrained: a "
        "file (GloVe, word2vec, fastText .vec, safetensors), or a name that `recurra vectors fetch` has fetched.",
    ),
]
KeepWords = Annotated[
    int,
    Field(
        ge=0,
        le=1_000_000,
        description="Of a file of word vectors: the first words that the training rows lack, this many, to know at "
        "prediction too.",
    ),
]


class WordVectorOptions(Options):
    """How word vectors start."""

    word_vectors: WordVectors = COUNTED
    keep_words: KeepWords = KEPT_WORDS

    @model_validator(mode="after")
    def _words_of_a_file_are_kept(self) -> Self:
        usual = type(self).model_fields["keep_words"].default
        known = names_a_file(self.word_vectors) or getattr(self, "from_", None) is not None
        if self.keep_words != usual and not known:
            raise ValueError("--keep-words is for a file of word vectors; give one with --word-vectors, or omit it")
        return self


def names_a_file(word_vectors: str) -> bool:
    """Return whether the option names pretrained vectors."""
    return word_vectors not in (COUNTED, RANDOM)
