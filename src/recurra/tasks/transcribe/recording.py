"""What a transcriber hears: a file, a part of one, or samples."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from recurra.errors import OptionError
from recurra.options.arguments import check_number, check_whole, described, several
from recurra.tasks.transcribe.audio import LOUDEST, RATES, audio_blocks, audio_installed

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Recording:
    """A file of sound, or its part from `start` to `end` in seconds. source: a path, or a file opened for bytes.

    longest: the most seconds that it may last; None for any.
    """

    source: str | PathLike[str] | BinaryIO
    start: float | None = None
    end: float | None = None
    longest: float | None = None

    def blocks(self, rate: int) -> Iterator[Floats]:
        """Yield consecutive samples at `rate`, in bounded memory.

        Raises ReadError for what is no sound, OptionError where the source or the times are of another type.
        """
        for number, name in ((self.start, "start"), (self.end, "end")):
            if number is not None:
                check_number(number, name)
        opened = callable(getattr(self.source, "read", None)) and not isinstance(self.source, io.TextIOBase)
        if not opened and not isinstance(self.source, str | PathLike):
            raise OptionError(
                f"The source of a recording must be a path, or a file opened for bytes; got {described(self.source)}."
            )
        source = Path(self.source) if isinstance(self.source, str | PathLike) else self.source
        return audio_blocks(source, rate, start=self.start, end=self.end, longest=self.longest)


@dataclass(frozen=True)
class Samples:
    """Sound in memory: values [N] or [N, channels] in -1 to 1, or 16-bit integers, so many a second."""

    values: NDArray[np.floating] | NDArray[np.int16]
    rate: int

    def blocks(self, rate: int) -> Iterator[Floats]:
        """Yield the samples at `rate`. Raises OptionError for what is no sound."""
        values = mono(self.values)
        check_whole(self.rate, "rate")
        if not RATES[0] <= self.rate <= RATES[1]:
            raise OptionError(f"rate must be from {RATES[0]:,} to {RATES[1]:,} samples a second; got {self.rate:,}.")
        if self.rate != rate:
            audio_installed()
            import soxr

            values = soxr.resample(values, self.rate, rate)
        yield values


def mono(samples: Any, least: int = 1) -> Floats:
    """Return samples as one channel [N] in -1 to 1: the mean of [N, channels]; 16-bit integers are divided by 32,768.

    Raises OptionError for what is no sound, and for fewer samples than `least`.
    """
    try:
        values = np.asarray(samples)
    except ValueError:  # lists of several lengths
        values = np.empty(0)
    whole = values.dtype == np.int16
    numbers = whole or np.issubdtype(values.dtype, np.floating)
    # so written, the last is untrue of what is not a number, too
    sound = values.ndim in (1, 2) and numbers and values.size >= least and np.abs(values).max(initial=0) <= LOUDEST
    if not sound:
        raise OptionError(
            "Samples must be finite numbers in -1 to 1, or 16-bit integers, [N] or [N, channels], N at least "
            f"{least}; got {described(samples)}."
        )
    single = values.astype(np.float32)
    if values.ndim == 2:
        single = single.mean(axis=1) if single.size else single.reshape(-1)
    return single / np.float32(32768) if whole else single


Sound = str | PathLike[str] | Recording | Samples


def recordings(sounds: Iterable[Sound]) -> Iterator[Recording | Samples]:
    """Yield what can be heard. Raises OptionError, naming the item, for anything else."""
    if isinstance(sounds, PathLike | Recording | Samples):
        raise OptionError(f"Give a list of recordings; got {described(sounds)}. Pass it in a list.")
    for number, sound in enumerate(several(sounds, "recordings", "recording")):
        if isinstance(sound, str | PathLike):
            yield Recording(sound)
        elif isinstance(sound, Recording | Samples):
            yield sound
        else:
            raise OptionError(
                f"Item {number} of the recordings is {described(sound)}; give a path, or Samples(values, rate)."
            )
