"""What hears one piece of a stream (see `stream.Listener`): once, by a network that reads forward, or again and again.

A network that reads forward goes on from its states, and the search for the text from its beam: each sample is heard
once. One that reads both ways needs the end of a piece before it can tell its beginning; to show something meanwhile,
all that was heard of the piece so far is heard again, whenever it has grown by a share of itself.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from recurra.tasks.transcribe.alphabet import Alphabet
from recurra.tasks.transcribe.decoding import Decoder
from recurra.tasks.transcribe.features import FrontEnd, StreamingFrontEnd
from recurra.tasks.transcribe.timing import Word, words_of

EVERY, SHARE = 0.5, 1 / 8
"""What was heard is heard again when it has grown by so many seconds and by so much of itself: with pieces of 30 s at
most, each second of sound is heard about ten times."""

Floats = NDArray[np.float32]
States = Mapping[str, Floats]


class ForwardListener:
    """Hears a piece as it comes, each sample once."""

    def __init__(
        self,
        front_end: FrontEnd,
        alphabet: Alphabet,
        decoder: Decoder,
        advance: Callable[[Floats, States], tuple[Floats, States]],
    ) -> None:
        """advance: takes the next steps [T, D] and the states before them; returns their log-probabilities [T, K] and
        the states after them. Raises OptionError for a front end that needs the whole sound."""
        self._front_end, self._alphabet, self._decoder, self._advance = front_end, alphabet, decoder, advance
        self._features = StreamingFrontEnd(front_end)
        self._states: States = {}
        self._scored = [np.empty((0, len(alphabet)), dtype=np.float32)]
        self._search = decoder.search()

    def hear(self, samples: Floats) -> None:
        self._read(self._features.feed(samples))

    def text(self) -> str:
        return " ".join(self._alphabet.text(self._search.beginning()).split())

    def words(self, start: float, end: float) -> list[Word]:
        self._read(self._features.finish())
        found = self._decoder(np.concatenate(self._scored))
        return words_of(found, self._alphabet, self._front_end, start, end)

    def _read(self, steps: Floats) -> None:
        if len(steps):
            scored, self._states = self._advance(steps, self._states)
            self._scored.append(scored)
            self._search.read(scored)


class RepeatedListener:
    """Hears all of a piece again and again, less often the longer it is."""

    def __init__(
        self, front_end: FrontEnd, alphabet: Alphabet, decoder: Decoder, score: Callable[[Floats], Floats]
    ) -> None:
        """score: takes the steps [T, D] of a piece; returns their log-probabilities [T, K]."""
        self._front_end, self._alphabet, self._decoder, self._score = front_end, alphabet, decoder, score
        self._samples = np.empty(0, dtype=np.float32)
        self._heard = 0  # samples, when it was heard last
        self._text = ""

    def hear(self, samples: Floats) -> None:
        self._samples = np.concatenate([self._samples, samples])
        new = len(self._samples) - self._heard
        if new >= max(EVERY * self._front_end.rate, SHARE * len(self._samples)):
            self._text = " ".join(word.text for word in self.words(0.0, math.inf))
            self._heard = len(self._samples)

    def text(self) -> str:
        return self._text

    def words(self, start: float, end: float) -> list[Word]:
        found = self._decoder(self._score(self._front_end(self._samples)))
        return words_of(found, self._alphabet, self._front_end, start, end)
