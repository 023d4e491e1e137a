"""What is told of the word vectors that a model started from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def vectors_in_words(facts: Mapping[str, Any] | None) -> str:
    """Return which file they are from, and what it covers, without a full stop; nothing where they are from no file.

    facts: "word_vectors" of metrics.json.
    """
    if not facts:
        return ""
    more = facts["words_beyond_training"]
    return (
        f"{facts['name']} ({facts['format']}, {facts['dimensions']:,} numbers a word, sha256 {facts['sha256'][:12]}); "
        f"it has {facts['vocabulary_covered']:.1%} of the vocabulary and {facts['tokens_covered']:.1%} of the training "
        f"tokens" + (f", and {more:,} further words come along" if more else "")
    )
