"""Log-mel features of sound, as Kaldi computes them, normalised and stacked into the steps that the network reads.

A frame is 25 ms of sound, one each 10 ms, wholly inside the sound. Of each: its mean is subtracted, high frequencies
are raised (pre-emphasis), Povey's window is applied, and the power spectrum is summed under triangles that are equally
wide on the mel scale. The logarithm of those sums, at Kaldi's scale of 16-bit samples, is the frame's features.

Source: Kaldi, feat/feature-fbank.cc and feat/mel-computations.cc, with dither 0 and snip-edges true.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from recurra.errors import OptionError

Floats = NDArray[np.float32]
Normalisation = Literal["utterance", "running"]

SAMPLE_SCALE = 32768.0
PRE_EMPHASIS = 0.97
POVEY = 0.85
SMALLEST = float(np.finfo(np.float32).eps)
"""The least energy under a triangle, before the logarithm: Kaldi's."""
RANGE = 60 / 10 * math.log(10)
"""How far below the loudest energy of the sound a feature may be: 60 dB. Digital silence, which files hold before and
after the speech, would else be so far from everything else that it would rule the normalisation."""
LEAST_DEVIATION = 0.1
"""No deviation that is divided by is smaller: that of pure silence is 0."""
BLOCK_FRAMES = 512
"""Frames computed at once, so that the memory needed beside the features does not grow with the sound."""

PRIOR_MEAN, PRIOR_SQUARE, PRIOR_FRAMES = 13.0, 13.0**2 + 4.0**2, 50
"""What running statistics start from, and how many frames it counts for: the mean and the mean square of the features
of ordinary speech, of deviation 4."""
MEMORY_FRAMES = 1000
"""Running statistics forget what is much longer ago than these frames (10 s)."""


@dataclass(frozen=True)
class FrontEnd:
    """What makes features of sound; a model keeps these values, so that it hears as it did in training.

    rate: samples a second. mels: M, the triangles. stack: frames that one step has beside each other; each frame is in
    one step. low, high: where the lowest triangle begins and the highest one ends, in Hz; high 0 is half the rate.
    normalisation: "utterance" takes mean and deviation of each feature over the whole sound; "running", for streams,
    over what has been heard so far. D is the width of a step, stack * M.
    Raises OptionError for values that make no features.
    """

    rate: int = 16_000
    mels: int = 40
    stack: int = 3
    low: float = 20.0
    high: float = 0.0
    normalisation: Normalisation = "utterance"

    def __post_init__(self) -> None:
        if not 4_000 <= self.rate <= 192_000:
            raise OptionError(f"Sound of {self.rate} samples a second has no features here: 4,000 to 192,000.")
        if not 1 <= self.mels <= 256 or not 1 <= self.stack <= 64:
            raise OptionError(f"{self.mels} mels and a stack of {self.stack} cannot be: 1 to 256, and 1 to 64.")
        if not 0 <= self.low < self.top <= self.rate / 2:  # also where one is not a number
            raise OptionError(f"Frequencies from {self.low} to {self.high} Hz are not in 0 to {self.rate / 2} Hz.")
        if self.normalisation not in get_args(Normalisation):
            raise OptionError(f"normalisation cannot be {self.normalisation!r}: it is 'utterance' or 'running'.")
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
        return self.stack * self.mels

    def frames(self, samples: int) -> int:
        """Return F, how many frames so many samples have: 0 of none; what is shorter than a frame has one."""
        return 0 if samples == 0 else 1 + max(0, samples - self.window) // self.hop

    def steps(self, samples: int) -> int:
        """Return S, how many steps so many samples have."""
        return -(-self.frames(samples) // self.stack)

    def seconds(self, step: int) -> float:
        """Return the time at which a step begins and the one before it ends: between the middles of their frames."""
        return (step * self.stack * self.hop + (self.window - self.hop) / 2) / self.rate

    def log_mel(self, samples: Floats) -> Floats:
        """Return the features [F, M] of samples [N], neither normalised nor stacked."""
        samples = np.asarray(samples, dtype=np.float32)
        if 0 < len(samples) < self.window:
            samples = np.pad(samples, (0, self.window - len(samples)))
        features = np.empty((self.frames(len(samples)), self.mels), dtype=np.float32)
        if not len(features):
            return features
        window, triangles = povey_window(self.window), filterbank(self)
        size = 2 * (len(triangles) - 1)
        views = np.lib.stride_tricks.sliding_window_view(samples, self.window)[:: self.hop]
        for start in range(0, len(features), BLOCK_FRAMES):
            frames = views[start : start + BLOCK_FRAMES] * np.float32(SAMPLE_SCALE)
            frames -= frames.mean(axis=1, keepdims=True)
            emphasised = frames * np.float32(1 - PRE_EMPHASIS)  # the first sample stands for the one before it
            emphasised[:, 1:] = frames[:, 1:] - np.float32(PRE_EMPHASIS) * frames[:, :-1]
            emphasised *= window
            spectrum = np.fft.rfft(emphasised, size)
            power = (np.square(spectrum.real) + np.square(spectrum.imag)).astype(np.float32, copy=False)
            features[start : start + BLOCK_FRAMES] = np.log(np.maximum(power @ triangles, np.float32(SMALLEST)))
        return features

    def normalised(self, log_mel: Floats) -> Floats:
        """Return features [F, M] of which each column has about the mean 0 and the deviation 1."""
        if not len(log_mel):
            return log_mel
        if self.normalisation == "running":
            return RunningNormalisation(self).normalised(log_mel)
        raised = np.maximum(log_mel, log_mel.max() - np.float32(RANGE))
        mean = raised.mean(axis=0, dtype=np.float64)
        deviation = raised.std(axis=0, dtype=np.float64)
        features: Floats = ((raised - mean) / np.maximum(deviation, LEAST_DEVIATION)).astype(np.float32)
        return features

    def stacked(self, features: Floats) -> Floats:
        """Return the steps [S, D] of features [F, M]: `stack` frames beside each other, the last of all repeated."""
        lacking = -len(features) % self.stack
        if lacking:
            features = np.concatenate([features, np.repeat(features[-1:], lacking, axis=0)])
        steps: Floats = features.reshape(-1, self.width)
        return steps

    def __call__(self, samples: Floats) -> Floats:
        """Return the steps [S, D] of samples [N] in -1 to 1, at this rate."""
        return self.stacked(self.normalised(self.log_mel(samples)))


class RunningNormalisation:
    """Normalises features step by step, by the statistics of all steps so far, older ones counting less and less."""

    def __init__(self, front_end: FrontEnd) -> None:
        self._stack = front_end.stack
        self._sums = np.repeat([PRIOR_MEAN, PRIOR_SQUARE], front_end.mels)
        self._frames = float(PRIOR_FRAMES)
        self._peak = np.float32(-np.inf)

    def normalised(self, log_mel: Floats) -> Floats:
        """Return the next features [F, M], normalised. Only the last call may have part of a step."""
        count, mels = log_mel.shape
        steps = -(-count // self._stack)
        whole = np.concatenate([log_mel, np.repeat(log_mel[-1:], steps * self._stack - count, axis=0)])
        by_step = whole.reshape(steps, self._stack, mels)
        peaks = np.maximum(np.maximum.accumulate(by_step.max(axis=(1, 2))), self._peak)
        raised = np.maximum(by_step, (peaks - np.float32(RANGE))[:, None, None]).astype(np.float64)
        means = np.concatenate([raised.mean(axis=1), np.square(raised).mean(axis=1)], axis=1)  # [S, 2M]
        sums = self._sums
        for step in range(steps):
            self._frames = min(self._frames + self._stack, MEMORY_FRAMES)
            sums = sums + (means[step] - sums) * (self._stack / self._frames)
            means[step] = sums
        self._sums, self._peak = sums, peaks[-1]
        mean, square = means[:, None, :mels], means[:, None, mels:]
        deviation = np.sqrt(np.maximum(square - np.square(mean), LEAST_DEVIATION**2))
        features: Floats = ((raised - mean) / deviation).reshape(-1, mels)[:count].astype(np.float32)
        return features


class StreamingFrontEnd:
    """Makes the same steps of sound that comes in pieces as of the whole of it.

    Raises OptionError for a front end that normalises by the whole utterance.
    """

    def __init__(self, front_end: FrontEnd) -> None:
        if front_end.normalisation != "running":
            raise OptionError("This model hears a whole utterance at once. For streams, train one with --streaming.")
        self.front_end = front_end
        self._normalisation = RunningNormalisation(front_end)
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
        return front_end.stacked(self._normalisation.normalised(log_mel))


@lru_cache(maxsize=16)
def povey_window(size: int) -> Floats:
    """Return the weights [size] of Povey's window: Hann's, to the power of 0.85."""
    weights = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(size) / (size - 1))) ** POVEY
    return _fixed(weights)


@lru_cache(maxsize=16)
def filterbank(front_end: FrontEnd) -> Floats:
    """Return the weights [bins, M] of the frequencies of a spectrum under each triangle, equally wide in mel.

    bins: half of the least power of two that a frame fits into, and one. The last, half the rate, has no weight.
    """
    size = 1 << (front_end.window - 1).bit_length()
    edges = np.linspace(_mel(front_end.low), _mel(front_end.top), front_end.mels + 2)
    left, centre, right = edges[:-2], edges[1:-1], edges[2:]
    mel = _mel(np.arange(size // 2 + 1) * (front_end.rate / size))[:, None]
    triangles = np.minimum((mel - left) / (centre - left), (right - mel) / (right - centre)).clip(0)
    triangles[-1] = 0
    return _fixed(triangles)


def _mel(frequency: NDArray[np.floating[Any]] | float) -> NDArray[np.float64]:
    return np.asarray(1127.0 * np.log1p(np.asarray(frequency) / 700.0))


def _fixed(values: NDArray[np.float64]) -> Floats:
    """Return values that no caller can change for the others."""
    fixed = values.astype(np.float32)
    fixed.flags.writeable = False
    return fixed
