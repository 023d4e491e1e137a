"""A transcript is its words."""

from __future__ import annotations

import pytest

from recurra.tasks.transcribe.timing import Word
from recurra.tasks.transcribe.transcript import Transcript, transcript_of


def test_text_and_confidence_are_those_of_the_words() -> None:
    words = [Word("bad", 0.1, 0.4, 0.5), Word("idea", 0.5, 0.9, 1.0)]
    found = transcript_of(words, 2.0)
    assert (found.text, found.words, found.seconds) == ("bad idea", tuple(words), 2.0)
    assert found.confidence == pytest.approx(0.75)
    assert transcript_of([], 1.5) == Transcript("", (), None, 1.5)
