"""What a transcriber answers: the text of a recording, with the time of each word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from recurra.tasks.transcribe.timing import Word


@dataclass(frozen=True)
class Transcript:
    """What was said in a recording.

    words: with their times in seconds from its start, and how sure each is. confidence: the mean of theirs; None where
    there is no word. seconds: how long the recording is.
    """

    text: str
    words: tuple[Word, ...]
    confidence: float | None
    seconds: float


def transcript_of(words: Sequence[Word], seconds: float) -> Transcript:
    """Return the transcript of a recording of so many seconds with these words."""
    sure = [word.confidence for word in words]
    text = " ".join(word.text for word in words)
    return Transcript(text, tuple(words), float(np.mean(sure)) if sure else None, seconds)
