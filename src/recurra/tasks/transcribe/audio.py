"""Sound files, read as one channel of samples at the rate that a model hears.

libsndfile reads WAV, FLAC, OGG, Opus, MP3 and more, of any rate, number of channels and width of samples; soxr changes
the rate. Both come with the extra `audio` and are imported when the first file is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np
from numpy.typing import NDArray

from recurra.data.tables.location import names_beside
from recurra.errors import OptionError, ReadError, brief, did_you_mean, installation

if TYPE_CHECKING:
    import soundfile

Floats = NDArray[np.float32]
Source = Path | BinaryIO

SUFFIXES = (".wav", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".aif", ".aiff", ".au", ".caf", ".w64", ".rf64")
"""How the names of readable files usually end; what a file is is told by its bytes."""
BLOCK_VALUES = 1 << 16
"""Values, of all channels together, read at once."""
RATES = (4_000, 768_000)
"""The least and the most samples a second that a file may claim."""
MOST_CHANNELS = 64
"""A small file can claim a thousand channels of silence, each of which has to be decoded."""
MOST_VALUES = 400_000
"""Values a second, of all channels together, where the seconds are limited: of 8 channels at 48 kHz, and a few more."""
LOUDEST = 1e6
"""Samples are in -1 to 1; files of floats may go beyond, but none goes this far."""
ROUNDING = 0.1
"""Seconds that a segment may end after the sound: tables round."""
WHOLE = 0.99
"""The share of the bytes that its header states which a WAV file must have: some programs count a little wrongly."""
UNKNOWN = 0x7FFF_0000
"""A WAV file that was written into a pipe states so many bytes or more, since its length was not known yet."""

_LACKING = re.compile(r"^data : (\d+) \(should be (\d+)\)", re.MULTILINE)
"""What libsndfile notes of a WAV file with fewer bytes than it states."""


@dataclass(frozen=True)
class Sound:
    """What a file says of itself. rate: samples a second; seconds: how long it is."""

    rate: int
    channels: int
    seconds: float


def audio_installed() -> None:
    """Raise OptionError, with the command that installs them, unless what reads sound is installed."""
    try:
        import soundfile  # noqa: F401
        import soxr  # noqa: F401
    except (ImportError, OSError) as error:  # OSError: libsndfile itself is missing
        raise OptionError(
            f"Reading sound needs the packages soundfile and soxr ({error}). {installation('audio')}"
        ) from None


def sound(source: Source) -> Sound:
    """Return what a file says of itself, without reading its samples. Raises ReadError as `read_audio` does."""
    with _opened(source) as file:
        return Sound(file.samplerate, file.channels, file.frames / file.samplerate)


def duration(source: Source) -> float:
    """Return how many seconds a file lasts. Raises ReadError as `read_audio` does."""
    return sound(source).seconds


def read_audio(
    source: Source, rate: int, *, start: float | None = None, end: float | None = None, longest: float | None = None
) -> Floats:
    """Return the samples [N] of a file, or of the seconds `start` to `end` of it: its channels' mean, at `rate`.

    source: a path, or an open file that can be sought in. longest: the most seconds that may be read, for files of
    strangers: a small one can hold days of silence.
    Raises ReadError, in one sentence, for what is no sound, is empty, broken or longer, and for a segment that is not
    in it; OptionError where the extra `audio` is not installed.
    """
    return np.concatenate(list(audio_blocks(source, rate, start=start, end=end, longest=longest)))


def audio_blocks(
    source: Source, rate: int, *, start: float | None = None, end: float | None = None, longest: float | None = None
) -> Iterator[Floats]:
    """Yield the samples that `read_audio` returns, in consecutive blocks: memory does not grow with the file."""
    with _opened(source) as file:
        name = _name(source)
        first, last = _segment(name, file, start, end)
        if longest is not None and (last - first) / file.samplerate > longest:
            raise ReadError(
                f"{name} lasts {(last - first) / file.samplerate:,.1f} s; at most {longest:,.0f} s are taken at once. "
                "Send it in parts."
            )
        if longest is not None and (last - first) * file.channels > longest * MOST_VALUES:
            raise ReadError(
                f"{name} has {file.channels:,} channels of {file.samplerate:,} samples a second: too many values to "
                "take at once. Send one channel, at 48,000 or less."
            )
        yield from _resampled(_mono(name, file, first, last), file.samplerate, rate)


def _mono(name: str, file: soundfile.SoundFile, first: int, last: int) -> Iterator[Floats]:
    """Yield the mean of the channels of the frames `first` to `last`, in blocks [N]."""
    size = max(1, BLOCK_VALUES // file.channels)
    position = 0
    try:
        if file.format != "MP3":  # where seeking leads elsewhere, by a thousand samples and more
            position = file.seek(first)
        while position < last:
            block = file.read(min(size, last - position), dtype="float32", always_2d=True)
            if not len(block):
                raise ReadError(
                    f"{name} breaks off after {position / file.samplerate:,.2f} s of the "
                    f"{last / file.samplerate:,.2f} s that it should have. Fetch or record it again."
                )
            loudness = np.abs(block).max(axis=1)
            if not loudness.max() <= LOUDEST:  # so written, it is true of what is not a number, too
                at = position + int((~(loudness <= LOUDEST)).argmax())
                raise ReadError(
                    f"{name} has a sample that is no sound at {at / file.samplerate:,.3f} s: not a number, or far "
                    "beyond -1 to 1. Write the file again from its source."
                )
            wanted = block[max(0, first - position) :]
            position += len(block)
            if len(wanted):
                yield wanted[:, 0] if file.channels == 1 else wanted.mean(axis=1)
    except RuntimeError as error:  # of soundfile
        raise ReadError(f"{name} is broken after {position / file.samplerate:,.2f} s: {_reason(error)}.") from None


def _resampled(blocks: Iterator[Floats], rate: int, wanted: int) -> Iterator[Floats]:
    """Yield blocks of samples at the wanted rate. Rounding could leave none of very few; then there is one, of 0."""
    if rate == wanted:
        yield from blocks
        return
    import soxr

    stream = soxr.ResampleStream(rate, wanted, 1, dtype="float32")
    some = False
    for block in blocks:
        resampled: Floats = stream.resample_chunk(np.ascontiguousarray(block))
        if len(resampled):
            some = True
            yield resampled
    rest: Floats = stream.resample_chunk(np.empty(0, dtype=np.float32), last=True)
    if len(rest) or not some:
        yield rest if len(rest) else np.zeros(1, dtype=np.float32)


def _segment(name: str, file: soundfile.SoundFile, start: float | None, end: float | None) -> tuple[int, int]:
    """Return the frames where a segment of a file begins and ends. Raises ReadError where it is not in the file."""
    seconds = file.frames / file.samplerate
    begins, ends = 0.0 if start is None else start, seconds if end is None else end
    if begins >= seconds or ends > seconds + ROUNDING:
        written = f"that begins at {begins:g} s" if end is None else f"from {begins:g} s to {ends:g} s"
        raise ReadError(
            f"{name} lasts {seconds:,.2f} s, so it has no segment {written}. Times are in seconds; correct them, or "
            "leave them out."
        )
    if not 0 <= begins < ends:  # also where one is not a number
        raise ReadError(
            f"{name}: a segment cannot go from {begins:g} s to {ends:g} s. It begins at 0 or later and ends after that."
        )
    first = min(round(begins * file.samplerate), file.frames - 1)
    return first, max(first + 1, min(round(ends * file.samplerate), file.frames))


@contextmanager
def _opened(source: Source) -> Iterator[soundfile.SoundFile]:
    """Open a file whose header makes sense. Raises ReadError."""
    audio_installed()
    import soundfile

    name = _name(source)
    if isinstance(source, Path):
        _check_file(source)
    try:
        file = soundfile.SoundFile(source if isinstance(source, Path) else _Calm(source))
    except (RuntimeError, TypeError) as error:  # TypeError: samples alone, in .raw, of which nothing says the rate
        raise ReadError(
            f"{name} cannot be read as sound ({_reason(error)}). Readable are WAV, FLAC, OGG, Opus and MP3; "
            "make one of those of it, for instance with `ffmpeg -i FILE FILE.wav`."
        ) from None
    with file:
        # Else soundfile seeks after each read, to where it is: that garbles what follows in an MP3 file.
        file.seekable = lambda: False
        if not RATES[0] <= file.samplerate <= RATES[1]:
            raise ReadError(
                f"{name} claims {file.samplerate:,} samples a second; {RATES[0]:,} to {RATES[1]:,} can be. "
                "Write it again from its source."
            )
        if lacks := _LACKING.search(file.extra_info):
            said, there = map(int, lacks.groups())
            if there < WHOLE * said and said < UNKNOWN:
                raise ReadError(
                    f"{name} breaks off: {there:,} of the {said:,} bytes of its samples are there. Fetch or record it "
                    "again."
                )
        if file.channels > MOST_CHANNELS:
            raise ReadError(
                f"{name} has {file.channels:,} channels; at most {MOST_CHANNELS} are read. Write one of them to a file."
            )
        if file.frames <= 0:
            raise ReadError(f"{name} holds no samples. Record it again, or leave it out.")
        yield file


class _Calm:
    """An open file that stays where it is when it is to go before its beginning.

    libsndfile asks for that in damaged files, and an exception there ends in a traceback on standard error.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.tell = file.tell

    def seek(self, offset: int, whence: int = 0) -> int:
        try:
            return self._file.seek(offset, whence)
        except (OSError, ValueError, OverflowError):
            return self.tell()

    def read(self, count: int) -> bytes:
        return self._file.read(max(0, count))


def _check_file(path: Path) -> None:
    """Raise ReadError unless there is a file of at least one byte."""
    try:
        if path.is_dir():
            raise ReadError(f"{path} is a folder, not a sound file. Name the files in it: `{path}/*.wav`.")
        if not path.exists():
            raise ReadError(f"{path} does not exist.{did_you_mean(path.name, names_beside(path))}")
        if not path.is_file():
            raise ReadError(f"{path} is not a regular file. Save the sound in one first.")
        if path.stat().st_size == 0:
            raise ReadError(f"{path} is empty: it has 0 bytes. Record or fetch it again, or leave it out.")
        with path.open("rb"):
            pass
    except (OSError, ValueError) as error:
        if isinstance(error, ReadError):
            raise
        raise ReadError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}.") from None


def _name(source: Source) -> str:
    return str(source) if isinstance(source, Path) else "The file"


def _reason(error: Exception) -> str:
    """Return what libsndfile says of a file, without the file's name."""
    if isinstance(error, TypeError):
        return "samples without a header"
    said = str(getattr(error, "error_string", "") or error).strip().rstrip(".").removeprefix("Error : ")
    if said.startswith("File does not exist"):  # of what is no MP3 in .mp3; it was seen to be there
        said = "Format not recognised"
    return brief(said, 120).strip("'\"") or "no reason is known"
