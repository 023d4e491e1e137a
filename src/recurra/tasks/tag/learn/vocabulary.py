"""The words that a tagger knows: those of its training sentences, and those that a file of word vectors adds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.tasks.tag.features import WordFeatures, normal
from recurra.tasks.tag.options import TagOptions
from recurra.training.word_vectors import Pretrained, pretrained

AFFIX_BUCKETS = 2**14


@dataclass(frozen=True)
class Vocabulary:
    """word_features: knows the words. counts: [V'] of the first ids, those that get a learnt vector, how often training
    has each; 0 for that of the unknown word. vectors: of a file, and facts: what is told of them."""

    word_features: WordFeatures
    counts: NDArray[np.int64]
    vectors: Pretrained | None = None
    facts: dict[str, Any] | None = None


def fit_vocabulary(sentences: Sequence[Sequence[str]], options: TagOptions) -> Vocabulary:
    """Return the vocabulary of the training `sentences`. Raises as `pretrained` does.

    With a file of word vectors, a word that it has need not be as often in them as --min-count says to be known; only
    those that are get a learnt vector too, and they are the first. Words are looked
    up in the file as the tagger knows them: in lower case, every digit 0; its entry "2008" may serve for "0000".
    """
    counts = Counter(normal(word) for sentence in sentences for word in sentence)
    vectors = pretrained(options, counts, normal, _is_one_word)
    word_features = WordFeatures.fitted(
        (word for sentence in sentences for word in sentence),
        size=options.vocabulary,
        min_count=options.min_count,
        buckets=AFFIX_BUCKETS,
        known=vectors.known if vectors else (),
        extra=vectors.extra if vectors else (),
    )
    often = [counts[word] for word in word_features.words if counts[word] >= options.min_count]
    learnt = np.array([0, *often], dtype=np.int64)
    if vectors is None:
        return Vocabulary(word_features, learnt)
    own = word_features.words[: len(word_features.words) - len(vectors.extra)]
    return Vocabulary(word_features, learnt, vectors, vectors.facts(own, counts))


def _is_one_word(word: str) -> bool:
    return word.split() == [word]
