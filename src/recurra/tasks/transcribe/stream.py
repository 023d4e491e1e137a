"""Speech that arrives in pieces: the text so far after each, and at the end the transcript of the whole.

    session = transcriber.session()
    for samples in arriving:
        heard = session.feed(samples, 16000)
        print(heard.stable, heard.changing)
    transcript = session.finish()          # what transcribe gives for the whole recording

Long sound is heard in pieces (see `pieces.py`), so that memory does not grow with the stream but for the words. The
words of a piece that has ended are stable; those of the piece that is being heard may still change. What hears a piece
is a `Listener`, such as those in `listeners.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from recurra.errors import OptionError
from recurra.options.arguments import check_whole
from recurra.tasks.transcribe.audio import RATES, audio_installed
from recurra.tasks.transcribe.pieces import first_end
from recurra.tasks.transcribe.recording import mono
from recurra.tasks.transcribe.timing import Word
from recurra.tasks.transcribe.transcript import Transcript, transcript_of

BLOCK_SECONDS = 10
"""Seconds that are taken in at once of a longer feed, so that memory does not go with its length."""

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Heard:
    """What was heard in so many seconds. stable: words that stay; changing: what further sound may still change."""

    stable: str
    changing: str
    seconds: float

    @property
    def text(self) -> str:
        """Both together."""
        return " ".join(filter(None, (self.stable, self.changing)))


class Listener(Protocol):
    """Hears one piece of sound, from its start."""

    def hear(self, samples: Floats) -> None:
        """Take in the next samples [N]."""
        ...

    def text(self) -> str:
        """Return what was said so far, as far as that can be told."""
        ...

    def words(self, start: float, end: float) -> list[Word]:
        """End the piece; return its words. start, end: the seconds at which it began and ended."""
        ...


class TranscriptStream:
    """Writes down one stream of sound; made by `Transcriber.session`. For one thread.

    `feed` any number of pieces, and `finish`: the transcript is that of the whole sound, but for rounding.
    """

    def __init__(self, rate: int, listener: Callable[[], Listener]) -> None:
        """rate: samples a second that the model hears; listener: makes what hears a piece."""
        self._rate, self._listener = rate, listener
        self._hearing = listener()
        self._waiting = np.empty(0, dtype=np.float32)  # samples of the piece that is being heard
        self._begun = 0  # samples before that piece
        self._words: list[Word] = []
        self._stable = ""
        self._given_rate: int | None = None
        self._given = 0
        self._resampler: Any = None
        self._finished = False

    @property
    def seconds(self) -> float:
        """How many seconds of sound were fed."""
        return self._given / self._given_rate if self._given_rate else 0.0

    def feed(self, samples: NDArray[Any], rate: int) -> Heard:
        """Hear on, and return the text so far.

        samples: [N] in -1 to 1, or 16-bit integers, N at least 0; [N, channels] is heard as the mean of the channels.
        rate: samples a second, the same in each call. Raises OptionError for what is no sound, and after `finish`.
        """
        values = mono(samples, least=0)
        self._open(rate)
        size = BLOCK_SECONDS * rate
        for start in range(0, len(values), size):
            self._take(self._resampled(values[start : start + size]))
        self._given += len(values)
        return Heard(self._stable, self._hearing.text(), self.seconds)

    def finish(self) -> Transcript:
        """End the sound, and return the transcript of all of it."""
        if self._finished:
            raise OptionError("This session is finished. Start another one with session().")
        self._finished = True
        if self._resampler is not None:
            self._take(self._resampled(np.empty(0, dtype=np.float32), last=True))
        if len(self._waiting):
            self._end_piece()
        return transcript_of(self._words, (self._begun + len(self._waiting)) / self._rate)

    def _open(self, rate: int) -> None:
        """Note the rate of the sound. Raises OptionError where it cannot be taken."""
        if self._finished:
            raise OptionError("This session is finished. Start another one with session().")
        check_whole(rate, "rate")
        if not RATES[0] <= rate <= RATES[1]:
            raise OptionError(f"rate must be from {RATES[0]:,} to {RATES[1]:,} samples a second; got {rate:,}.")
        if self._given_rate is None:
            self._given_rate = rate
            if rate != self._rate:
                audio_installed()
                import soxr

                self._resampler = soxr.ResampleStream(rate, self._rate, 1, dtype="float32")
        elif rate != self._given_rate:
            raise OptionError(
                f"This session began with {self._given_rate:,} samples a second and cannot go on with {rate:,}. "
                "Start another one with session()."
            )

    def _resampled(self, values: Floats, last: bool = False) -> Floats:
        """Return the next samples at the rate of the model."""
        if self._resampler is None:
            return values
        resampled: Floats = self._resampler.resample_chunk(np.ascontiguousarray(values), last=last)
        return resampled

    def _take(self, samples: Floats) -> None:
        """Hear samples at the rate of the model; end the piece where it has become too long, and hear the rest anew."""
        self._waiting = np.concatenate([self._waiting, samples])
        if (end := first_end(self._waiting, self._rate)) is None:
            self._hearing.hear(samples)
            return
        while end is not None:
            rest = self._waiting[end:]
            self._hearing, self._waiting = self._listener(), self._waiting[:end]
            self._hearing.hear(self._waiting)
            self._end_piece()
            self._hearing, self._waiting = self._listener(), rest
            end = first_end(rest, self._rate)
        self._hearing.hear(self._waiting)

    def _end_piece(self) -> None:
        """Keep the words of the piece that was heard."""
        start, self._begun = self._begun, self._begun + len(self._waiting)
        self._words += self._hearing.words(start / self._rate, self._begun / self._rate)
        self._stable = " ".join(word.text for word in self._words)
        self._waiting = self._waiting[:0]
