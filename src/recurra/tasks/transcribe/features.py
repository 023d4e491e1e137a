"""Log-mel features of sound, as Kaldi computes them, levelled and stacked into the steps that the network reads.

A frame is 25 ms of sound, one each 10 ms, wholly inside the sound. Of each: its mean is subtracted, high frequencies
are raised (pre-emphasis), Povey's window is applied, and the power spectrum is summed under triangles that are equally
wide on the mel scale. The logarithm of those sums, at Kaldi's scale of 16-bit samples, is the frame's features.

They are made independent of how loud a recording is by one number, its level, that is subtracted from all. The mean and
the deviation of each energy are those of the training set (`learn/network.py`), not of the recording: in a single word
the mean over time is the vowel itself, and subtracting that is what was measured to cost a quarter of the words.

Beside them stand their changes: what a microphone or a voice adds to all frames alike drops out of those. With two of
six voices held out, that raised the words that were right from 60 to 72 % (docs/explanation/what-was-tried.md).

Source: Kaldi, feat/feature-fbank.cc and feat/mel-computations.cc, with dither 0 and snip-edges true. Changes:
Furui, 1986, Speaker-independent isolated word recognition using dynamic features of speech spectrum. Warping: Jaitly
and Hinton, 2013, Vocal tract length perturbation (VTLP) improves speech recognition.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from recurra.errors import OptionError

Floats = NDArray[np.float32]
Level = Literal["utterance", "running"]
Power = NDArray[np.float32]

SAMPLE_SCALE = 32768.0
PRE_EMPHASIS = 0.97
POVEY = 0.85
SMALLEST = float(np.finfo(np.float32).eps)
"""The least energy under a triangle, before the logarithm: Kaldi's."""
RANGE = 60 / 10 * math.log(10)
"""How far below the loudest energy of the sound a feature may be: 60 dB. Digital silence, which files hold before and
after the speech, would else be far from everything else."""
BLOCK_FRAMES = 512
"""Frames computed at once, so that the memory needed beside the features does not grow with the sound."""

CHANGE_SCALE = 3.0
"""Makes changes about as large as the features."""

FIRST_LEVEL, FIRST_FRAMES = 9.0, 20
"""What a running level starts from, and how many frames it counts for: that of ordinary speech."""
MEMORY_FRAMES = 1000
"""A running level forgets what is much longer ago than these frames (10 s)."""
WARP_KNEE = 0.8
"""Where warping begins to bend back to the highest frequency, as a share of it."""


@dataclass(frozen=True)
class FrontEnd:
    """What makes features of sound; a model keeps these values, so that it hears as it did in training.

    rate: samples a second. mels: M, the triangles. stack: frames that one step has beside each other; each frame is in
    one step. low, high: where the lowest triangle begins and the highest one ends, in Hz; high 0 is half the rate.
    level: "utterance" is that of the whole sound; "running", for streams, that of what has been heard so far. changes:
    whether the changes of the features stand beside them, which need the whole sound. D is the width of a step: stack *
    M, or stack * 2M with changes.
    Raises OptionError for values that make no features.
    """

    rate: int = 16_000
    mels: int = 40
    stack: int = 3
    low: float = 20.0
    high: float = 0.0
    level: Level = "utterance"
    changes: bool = False

    def __post_init__(self) -> None:
        if not 4_000 <= self.rate <= 192_000:
            raise OptionError(f"Sound of {self.rate} samples a second has no features here: 4,000 to 192,000.")
        if not 1 <= self.mels <= 256 or not 1 <= self.stack <= 64:
            raise OptionError(f"{self.mels} mels and a stack of {self.stack} cannot be: 1 to 256, and 1 to 64.")
        if not 0 <= self.low < self.top <= self.rate / 2:  # also where one is not a number
            raise OptionError(f"Frequencies from {self.low} to {self.high} Hz are not in 0 to {self.rate / 2} Hz.")
        if self.level not in get_args(Level):
            raise OptionError(f"level cannot be {self.level!r}: it is 'utterance' or 'running'.")
        if self.changes and self.level == "running":
            raise OptionError("The changes of features need frames that a stream has not heard yet.")
        if not filterbank(self).any(axis=0).all():
            raise OptionError(
                f"{self.mels} mels are too many for sound of {self.rate} samples a second: some would hold nothing."
            )

    @property
    def top(self) -> float:
        """Where the highest triangle ends, in Hz."""
        return self.high or self.rate / 2

    @property
    def window(self) -> int:
        """Samples in a frame."""
        return int(self.rate * 0.025)

    @property
    def hop(self) -> int:
        """Samples from one frame to the next."""
        return int(self.rate * 0.01)

    @property
    def width(self) -> int:
        """D, the values of a step."""
        return self.stack * values(self.mels, self.changes)

    def frames(self, samples: int) -> int:
        """Return F, how many frames so many samples have: 0 of none; what is shorter than a frame has one."""
        return 0 if samples == 0 else 1 + max(0, samples - self.window) // self.hop

    def steps(self, samples: int) -> int:
        """Return S, how many steps so many samples have."""
        return -(-self.frames(samples) // self.stack)

    def seconds(self, step: int) -> float:
        """Return the time at which a step begins and the one before it ends: between the middles of their frames."""
        return (step * self.stack * self.hop + (self.window - self.hop) / 2) / self.rate

    def power(self, samples: Floats) -> Power:
        """Return the power spectrum [F, bins] of the frames of samples [N], at Kaldi's scale."""
        return np.concatenate([np.empty((0, self.bins), dtype=np.float32), *self._spectra(samples)])

    def log_mel(self, samples: Floats) -> Floats:
        """Return the features [F, M] of samples [N], neither levelled nor stacked."""
        blocks = [self.log_mel_of(power) for power in self._spectra(samples)]
        return np.concatenate([np.empty((0, self.mels), dtype=np.float32), *blocks])

    def log_mel_of(self, power: Power, warp: float = 1.0) -> Floats:
        """Return the features [F, M] of power spectra [F, bins]. warp: see `filterbank`."""
        return np.asarray(np.log(np.maximum(power @ filterbank(self, warp), np.float32(SMALLEST))))

    @property
    def bins(self) -> int:
        """How many frequencies a power spectrum has: half of the least power of two that a frame fits into, and one."""
        return (1 << (self.window - 1).bit_length()) // 2 + 1

    def levelled(self, log_mel: Floats) -> Floats:
        """Return features [F, M] less their level, none further below the loudest one than `RANGE`."""
        if not len(log_mel):
            return log_mel
        if self.level == "running":
            return RunningLevel(self).subtracted(log_mel)
        raised = np.maximum(log_mel, log_mel.max() - np.float32(RANGE))
        return np.asarray(raised - np.float32(level_of(raised)))

    def _spectra(self, samples: Floats) -> Iterator[Power]:
        """Yield the power spectra [.., bins] of some frames at a time."""
        samples = np.asarray(samples, dtype=np.float32)
        if 0 < len(samples) < self.window:
            samples = np.pad(samples, (0, self.window - len(samples)))
        if not (count := self.frames(len(samples))):
            return
        window, size = povey_window(self.window), 2 * (self.bins - 1)
        views = np.lib.stride_tricks.sliding_window_view(samples, self.window)[:: self.hop]
        for start in range(0, count, BLOCK_FRAMES):
            frames = views[start : start + BLOCK_FRAMES] * np.float32(SAMPLE_SCALE)
            frames -= frames.mean(axis=1, keepdims=True)
            emphasised = frames * np.float32(1 - PRE_EMPHASIS)  # the first sample stands for the one before it
            emphasised[:, 1:] = frames[:, 1:] - np.float32(PRE_EMPHASIS) * frames[:, :-1]
            emphasised *= window
            spectrum = np.fft.rfft(emphasised, size)
            yield (np.square(spectrum.real) + np.square(spectrum.imag)).astype(np.float32, copy=False)

    def with_changes(self, features: Floats) -> Floats:
        """Return levelled features [F, M] with their changes beside them, [F, 2M]; alone for a front end without."""
        if not self.changes:
            return features
        if not len(features):
            return np.empty((0, 2 * self.mels), dtype=np.float32)
        return np.concatenate([features, changes(features)], axis=1)

    def stacked(self, features: Floats) -> Floats:
        """Return the steps [S, D] of features [F, M or 2M]: `stack` frames beside each other, the last repeated."""
        lacking = -len(features) % self.stack
        if lacking:
            features = np.concatenate([features, np.repeat(features[-1:], lacking, axis=0)])
        steps: Floats = features.reshape(-1, self.stack * features.shape[1])
        return steps

    def __call__(self, samples: Floats) -> Floats:
        """Return the steps [S, D] of samples [N] in -1 to 1, at this rate."""
        return self.stacked(self.with_changes(self.levelled(self.log_mel(samples))))


def values(mels: int, with_changes: bool) -> int:
    """Return how many values a frame of M energies has: with their changes twice as many."""
    return 2 * mels if with_changes else mels


def changes(features: Floats) -> Floats:
    """Return how fast features [F, M], F >= 1, change: the slope through five frames, times `CHANGE_SCALE`."""
    padded = np.pad(features, ((2, 2), (0, 0)), mode="edge")
    slope = 2 * (padded[4:] - padded[:-4]) + padded[3:-1] - padded[1:-3]
    return np.asarray(slope * np.float32(CHANGE_SCALE / 10), dtype=np.float32)


def level_of(log_mel: Floats) -> float:
    """Return the level of features [F, M], F >= 1: ln of the mean over frames of exp of the mean over energies.

    Loud frames decide, and pauses do not.
    """
    means = log_mel.mean(axis=1, dtype=np.float64)
    most = means.max()
    return float(most + np.log(np.exp(means - most).mean()))


class RunningLevel:
    """Levels features step by step, by the frames of all steps so far, older ones counting less and less."""

    def __init__(self, front_end: FrontEnd) -> None:
        self._stack = front_end.stack
        self._power = math.exp(FIRST_LEVEL)
        self._frames = float(FIRST_FRAMES)
        self._peak = np.float32(-np.inf)

    def subtracted(self, log_mel: Floats) -> Floats:
        """Return the next features [F, M], less the level so far. Only the last call may have part of a step."""
        count, mels = log_mel.shape
        steps = -(-count // self._stack)
        whole = np.concatenate([log_mel, np.repeat(log_mel[-1:], steps * self._stack - count, axis=0)])
        by_step = whole.reshape(steps, self._stack, mels)
        peaks = np.maximum(np.maximum.accumulate(by_step.max(axis=(1, 2))), self._peak)
        raised = np.maximum(by_step, (peaks - np.float32(RANGE))[:, None, None])
        powers = np.exp(raised.mean(axis=2, dtype=np.float64)).mean(axis=1)  # [S]
        for step in range(steps):
            self._frames = min(self._frames + self._stack, MEMORY_FRAMES)
            self._power += (powers[step] - self._power) * (self._stack / self._frames)
            powers[step] = self._power
        self._peak = peaks[-1]
        levels = np.log(powers).astype(np.float32)
        return np.asarray((raised - levels[:, None, None]).reshape(-1, mels)[:count])


class StreamingFrontEnd:
    """Makes the same steps of sound that comes in pieces as of the whole of it.

    Raises OptionError for a front end that needs the level of the whole sound.
    """

    def __init__(self, front_end: FrontEnd) -> None:
        if front_end.level != "running":
            raise OptionError(
                "This model hears a whole utterance at once. Train one with --direction forward for streams."
            )
        self.front_end = front_end
        self._level = RunningLevel(front_end)
        self._samples = np.empty(0, dtype=np.float32)
        self._begun = False

    def feed(self, samples: Floats) -> Floats:
        """Return the steps [S, D] that are complete with the next samples [N]; often none."""
        self._samples = np.concatenate([self._samples, samples])
        front_end = self.front_end
        frames = 1 + (len(self._samples) - front_end.window) // front_end.hop
        frames = max(0, frames - frames % front_end.stack)
        return self._steps(frames)

    def finish(self) -> Floats:
        """Return the last steps [S, D], at most one, of sound that is over."""
        rest = len(self._samples)
        over = rest >= self.front_end.window or not self._begun  # else it holds only what other frames have held too
        return self._steps(self.front_end.frames(rest) if over else 0)

    def _steps(self, frames: int) -> Floats:
        front_end = self.front_end
        if frames == 0:
            return np.empty((0, front_end.width), dtype=np.float32)
        end = (frames - 1) * front_end.hop + front_end.window
        log_mel = front_end.log_mel(self._samples[:end])
        self._samples, self._begun = self._samples[frames * front_end.hop :], True
        return front_end.stacked(self._level.subtracted(log_mel))


@lru_cache(maxsize=16)
def povey_window(size: int) -> Floats:
    """Return the weights [size] of Povey's window: Hann's, to the power of 0.85."""
    weights = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(size) / (size - 1))) ** POVEY
    return _fixed(weights)


@lru_cache(maxsize=64)
def filterbank(front_end: FrontEnd, warp: float = 1.0) -> Floats:
    """Return the weights [bins, M] of the frequencies of a spectrum under each triangle, equally wide in mel.

    warp: how much higher each frequency is taken to be, as if the speaker's vocal tract were longer; bent so that the
    highest one stays. The last frequency, half the rate, has no weight.
    """
    frequencies = np.arange(front_end.bins) * (front_end.rate / (2 * (front_end.bins - 1)))
    edges = np.linspace(_mel(front_end.low), _mel(front_end.top), front_end.mels + 2)
    left, centre, right = edges[:-2], edges[1:-1], edges[2:]
    mel = _mel(_warped(frequencies, warp, front_end.top))[:, None]
    triangles = np.minimum((mel - left) / (centre - left), (right - mel) / (right - centre)).clip(0)
    triangles[-1] = 0
    return _fixed(triangles)


def _warped(frequencies: NDArray[np.floating], warp: float, top: float) -> NDArray[np.float64]:
    """Return frequencies times `warp`, and from the knee on along a line to `top`, beyond which nothing changes."""
    knee = WARP_KNEE * top * min(warp, 1.0) / warp
    return np.asarray(np.interp(frequencies, [0.0, knee, top, 2 * top], [0.0, knee * warp, top, 2 * top]))


def _mel(frequency: NDArray[np.floating[Any]] | float) -> NDArray[np.float64]:
    return np.asarray(1127.0 * np.log1p(np.asarray(frequency) / 700.0))


def _fixed(values: NDArray[np.float64]) -> Floats:
    """Return values that no caller can change for the others."""
    fixed = values.astype(np.float32)
    fixed.flags.writeable = False
    return fixed
