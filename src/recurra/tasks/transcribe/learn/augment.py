"""What is done to utterances in training, so that the network hears more voices and rooms than were recorded.

All of it is done to the power under the triangles of the mel scale, [F, M], before the logarithm: one Fourier transform
an utterance, and everything else costs about as much again. In this order: vocal tract length (another warp of the
triangles), ends that are cut off, tempo (interpolation between frames), utterances of one speaker joined with pauses,
the response of a microphone or a room (a curve over the frequencies), noise, and masks of some frequencies and times.

Utterances are joined so that pauses, several words and other lengths are heard even where each file holds one word.
Loudness is not varied: the level of an utterance is subtracted from its features.

Sources: Jaitly and Hinton, 2013, Vocal tract length perturbation improves speech recognition; Ko et al., 2015, Audio
augmentation for speech recognition (tempo); Park et al., 2019, SpecAugment (masks). The amounts were chosen on spoken
digits, on voices that training had not heard (benchmarks/speech.py).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from recurra.tasks.transcribe.features import PRE_EMPHASIS, SMALLEST, FrontEnd, filterbank

Floats = NDArray[np.float32]

FRAMES_A_SECOND = 100

WARP, WARPS = 0.15, 31
"""Frequencies are taken to be up to so much higher or lower, in one of so many ways."""
TEMPO = 0.15
"""The natural logarithm of the fastest tempo, and of the slowest one, its negative."""
JOINED, MOST_JOINED, JOINED_SECONDS = 0.5, 2, 4.0
"""So often an utterance is joined with others, at most so many, unless it is longer than so many seconds."""
APART = 5.0
"""Decibels by which utterances that are joined differ in loudness at most."""
CUT, CUT_FRAMES, CUT_SHARE = 0.3, 10, 0.25
"""So often an utterance loses frames at each of its ends, as where a recording began late or stopped early: so many at
most, and at most such a share of it."""
EDGES, PAUSE = 0.5, 0.3
"""So often there is a pause before the first utterance, and so often after the last; its seconds, at most."""
QUIET = (25.0, 70.0)
"""Decibels by which a pause is quieter than speech."""
EQUALISER, KNOTS = 6.0, 6
"""Decibels by which a curve raises or lowers frequencies, at so many points equally far in mel."""
NOISE, SIGNAL_TO_NOISE, STEEPEST = 0.8, (0.0, 35.0), 1.0
"""So often there is noise; its decibels below the speech; the steepest fall of its power with the frequency, as an
exponent: 0 is white, 1 pink."""
BAND_MASKS, BAND_SHARE = 2, 0.2
"""At most so many masks of frequencies, each over at most such a share of them."""
TIME_MASKS, TIME_FRAMES, TIME_SHARE = 2, 8, 0.25
"""At most so many masks of times for each utterance, each over so many frames and such a share of all at most."""
INDEPENDENT = 0.55
"""How independent neighbouring frequencies of a windowed frame are: the share of them that counts."""


class SpeechAugmentation:
    """Varies utterances. mean: [V], of each value of a frame in the training set; masks are filled with it."""

    def __init__(self, front_end: FrontEnd, mean: Floats) -> None:
        self._front_end, self._mean = front_end, mean[: front_end.mels]
        bank = filterbank(front_end)
        angles = np.pi * np.arange(front_end.bins) / (front_end.bins - 1)
        emphasis = np.abs(1 - PRE_EMPHASIS * np.exp(-1j * angles)) ** 2
        self._white = emphasis @ bank  # [M], the power of white noise of density 1
        self._frequency = (angles @ bank) / bank.sum(axis=0) / np.pi  # [M], as a share of the highest
        self._freedom = INDEPENDENT * bank.sum(axis=0) ** 2 / np.square(bank).sum(axis=0)
        self._places = np.linspace(0, 1, front_end.mels)

    def joined(self, samples: int, rng: np.random.Generator) -> int:
        """Return how many utterances of its speaker are joined to one of so many samples."""
        if samples > JOINED_SECONDS * self._front_end.rate or rng.random() >= JOINED:
            return 0
        return int(rng.integers(1, MOST_JOINED + 1))

    def __call__(self, parts: Sequence[Floats], rng: np.random.Generator) -> Floats:
        """Return the steps [T, D] of utterances that are joined to one, samples [N_i] each; never fewer than they have
        unvaried. `rng` alone decides what is done."""
        front_end = self._front_end
        bank = filterbank(front_end, 1 + WARP * float(np.linspace(-1, 1, WARPS)[rng.integers(WARPS)]))
        powers = [front_end.power(part) @ bank for part in parts]
        level = next((self._density(power) for power in powers if len(power)), 1.0)
        power = self._sequence(powers, level, rng)
        decibels = np.interp(self._places, np.linspace(0, 1, KNOTS), rng.uniform(-EQUALISER, EQUALISER, KNOTS))
        power = power * _ratio(decibels)
        if rng.random() < NOISE:
            density = level * float(_ratio(-rng.uniform(*SIGNAL_TO_NOISE)))
            power = power + self.noise(len(power), density, rng.uniform(0, STEEPEST), rng)
        log_mel = front_end.levelled(np.log(np.maximum(power, np.float32(SMALLEST))).astype(np.float32))
        self._mask(log_mel, len(parts), rng)
        return front_end.stacked(front_end.with_changes(log_mel))

    def noise(self, frames: int, density: float, steepness: float, rng: np.random.Generator) -> Floats:
        """Return the power [F, M] of noise, `density` on average over the energies, times that of white noise.

        A sum of the powers of n independent frequencies of noise has a gamma distribution.
        """
        curve = self._frequency**-steepness
        mean = density * self._white * (curve / curve.mean())
        freedom = self._freedom.astype(np.float32)
        power: Floats = rng.standard_gamma(freedom, (frames, len(mean)), dtype=np.float32)
        return np.asarray(power * (mean / freedom).astype(np.float32))

    def _sequence(self, powers: Sequence[Floats], level: float, rng: np.random.Generator) -> Floats:
        """Return the powers [F, M] of utterances at their tempo, one after the other, with pauses."""
        quiet = level * float(_ratio(-rng.uniform(*QUIET)))

        def pause() -> Floats:
            return self.noise(int(rng.uniform(0, PAUSE) * FRAMES_A_SECOND), quiet, 0.0, rng)

        pieces = [pause()] if rng.random() < EDGES else []
        for number, power in enumerate(powers):
            if number:
                pieces.append(pause())
            if len(powers) > 1 and len(power):
                power = power * np.float32(level / self._density(power) * _ratio(rng.uniform(-APART, APART)))
            if rng.random() < CUT:
                most = min(CUT_FRAMES, int(CUT_SHARE * len(power))) + 1
                power = power[rng.integers(most) : len(power) - rng.integers(most)]
            pieces.append(stretched(power, float(np.exp(rng.uniform(-TEMPO, TEMPO)))))
        if rng.random() < EDGES:
            pieces.append(pause())
        lacking = sum(map(len, powers)) - sum(map(len, pieces))  # CTC needs a step for each character
        return np.concatenate([*pieces, self.noise(max(0, lacking), quiet, 0.0, rng)])

    def _density(self, power: Floats) -> float:
        """Return the mean over the energies of power [F, M], F >= 1, over that of white noise of density 1."""
        return max(float((power.mean(axis=0) / self._white).mean()), SMALLEST)

    def _mask(self, log_mel: Floats, parts: int, rng: np.random.Generator) -> None:
        """Put the mean over some bands and some times of features [F, M]."""
        frames, mels = log_mel.shape
        for _ in range(rng.integers(BAND_MASKS + 1)):
            width = int(rng.integers(int(BAND_SHARE * mels) + 1))
            start = int(rng.integers(mels - width + 1))
            log_mel[:, start : start + width] = self._mean[start : start + width]
        for _ in range(rng.integers(TIME_MASKS * parts + 1)):
            width = int(rng.integers(min(TIME_FRAMES, int(TIME_SHARE * frames)) + 1))
            start = int(rng.integers(frames - width + 1))
            log_mel[start : start + width] = self._mean


def stretched(power: Floats, tempo: float) -> Floats:
    """Return frames [F, M] at another tempo, round(F / tempo) of them, by interpolation between neighbours."""
    frames = len(power)
    if frames < 2:
        return power
    count = max(2, round(frames / tempo))
    places = np.arange(count, dtype=np.float32) * np.float32((frames - 1) / (count - 1))
    before = np.minimum(places.astype(np.int64), frames - 2)
    earlier = power[before]
    return np.asarray(earlier + (power[before + 1] - earlier) * (places - before).astype(np.float32)[:, None])


def _ratio(decibels: NDArray[np.float64] | float) -> NDArray[np.float32]:
    """Return the ratio of powers."""
    return np.asarray(10 ** (np.asarray(decibels) / 10), dtype=np.float32)
