"""Which words a transcriber may write, where its transcripts have a few words again and again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from recurra.tasks.transcribe.decoding import words_in
from recurra.tasks.transcribe.options import ANY_WORDS, AUTO, Normalisation

MOST_WORDS = 200
"""A list that was found by itself has at most so many words."""
FEWEST_TIMES = 5
"""Each of its words is in so many transcripts at least."""


def closed_list(transcripts: Sequence[str], option: str | None, how: Normalisation) -> list[str] | None:
    """Return the only words that are written, sorted; None for any. transcripts: normalised, to learn from.

    option: of --word-list. A list of its own is for commands, digits and the like: with more words, or with rare ones,
    others are to be expected. Raises ReadError for a file that cannot be read.
    """
    if option == ANY_WORDS:
        return None
    if option is not None and option != AUTO:
        return words_in(Path(option), how)
    counts = Counter(word for transcript in transcripts for word in set(transcript.split()))
    if not counts or len(counts) > MOST_WORDS or min(counts.values()) < FEWEST_TIMES:
        return None
    return sorted(counts)
