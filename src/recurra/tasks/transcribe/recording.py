"""What a transcriber hears: a file, a part of one, or samples."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from recurra.errors import OptionError
from recurra.options.arguments import described, several
from recurra.tasks.transcribe.audio import audio_blocks, audio_installed

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
        """Yield consecutive samples at `rate`, in bounded memory. Raises ReadError for what is no sound."""
        source = Path(self.source) if isinstance(self.source, str | PathLike) else self.source
        return audio_blocks(source, rate, start=self.start, end=self.end, longest=self.longest)


@dataclass(frozen=True)
class Samples:
    """Sound in memory: values [N] or [N, channels] in -1 to 1, so many a second."""

    values: NDArray[np.floating]
    rate: int

    def blocks(self, rate: int) -> Iterator[Floats]:
        """Yield the samples at `rate`. Raises OptionError for what is no sound."""
        values = np.asarray(self.values, dtype=np.float32)
        if values.ndim not in (1, 2) or not values.size or not np.isfinite(values).all():
            raise OptionError(
                f"Samples must be finite numbers [N] or [N, channels], N at least 1; got {described(self.values)}."
            )
        if values.ndim == 2:
            values = values.mean(axis=1)
        if self.rate != rate:
            audio_installed()
            import soxr

            values = soxr.resample(values, self.rate, rate)
        yield values


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
