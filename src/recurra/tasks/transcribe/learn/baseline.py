"""The baseline of a transcriber of single words: the word whose recordings are nearest, by dynamic time warping.

That is how words were recognised before there were models of them. A recording is a series of cepstral coefficients,
two recordings are compared at the pace that fits best, and a word is as near as the nearest few of its recordings are
on the average. Source: Furui, 1986, Speaker-independent isolated word recognition using dynamic features of speech
spectrum.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from recurra.evaluation.time_warping import symmetric_distances
from recurra.tasks.transcribe.features import FrontEnd

NAME = "nearest recordings by dynamic time warping"

MOST_WORDS = 100
PER_WORD = 30
"""Most templates of a word."""
TEMPLATES = 600
"""Most templates in all."""
NEAREST = 5
"""Templates of a word whose mean distance counts."""
LONGEST = 150
"""Most frames of a template, of 20 ms; what is longer is no single word."""
COEFFICIENTS = 13

Floats = NDArray[np.float32]


class Templates:
    """Recorded words with their transcripts, in the order of their words, as series of D features.

    series: [N] of [T_n, D]. words: [N].
    """

    def __init__(self, series: Sequence[Floats], words: Sequence[str], front_end: FrontEnd) -> None:
        self._front_end = front_end
        self._lengths = np.array([len(one) for one in series])
        self._series = np.zeros((int(self._lengths.max()), len(series), series[0].shape[1]), dtype=np.float32)
        for row, one in enumerate(series):
            self._series[: len(one), row] = one
        self._words = sorted(set(words))
        self._word = np.array([self._words.index(word) for word in words])

    def __len__(self) -> int:
        return len(self._lengths)

    def nearest(self, samples: NDArray[np.float32]) -> str:
        """Return the word of samples [N]; nothing where there are none."""
        if not len(samples):
            return ""
        found = symmetric_distances(cepstra(self._front_end.log_mel(samples)), self._series, self._lengths)
        means = [np.sort(found[self._word == word])[:NEAREST].mean() for word in range(len(self._words))]
        return self._words[int(np.argmin(means))]


def fit_templates(
    recordings: Iterable[tuple[str, NDArray[np.float32]]], transcripts: Sequence[str], front_end: FrontEnd, seed: int
) -> Templates | None:
    """Return templates of recordings (transcript, samples); None where most are not single words of a closed list.

    transcripts: of all recordings, in order. The templates of a word are drawn at random from its recordings.
    """
    kinds = {word for word in transcripts if word}
    if not kinds or len(kinds) > MOST_WORDS or any(" " in word for word in kinds) or len(transcripts) < 2 * len(kinds):
        return None
    each = max(1, min(PER_WORD, TEMPLATES // len(kinds)))
    order = np.random.default_rng(seed).permutation(len(transcripts))
    chosen: dict[str, list[int]] = {word: [] for word in kinds}
    for row in order.tolist():
        if (word := transcripts[row]) and len(chosen[word]) < each:
            chosen[word].append(row)
    wanted = {row for rows in chosen.values() for row in rows}
    found = [
        (word, cepstra(front_end.log_mel(samples)))
        for row, (word, samples) in enumerate(recordings)
        if row in wanted and len(samples)
    ]
    short = [(word, series) for word, series in found if len(series) <= LONGEST]
    if 2 * len(short) < len(found) or not short:
        return None
    return Templates([series for _, series in short], [word for word, _ in short], front_end)


def cepstra(log_mel: Floats) -> Floats:
    """Return cepstral coefficients and their changes [T, D] of every second of the frames [F, M], F >= 1.

    Each has the mean 0 and the deviation 1 over the recording, so that voices and microphones matter less.
    """
    bands = log_mel.shape[1]
    angles = np.pi / bands * np.outer(np.arange(bands) + 0.5, np.arange(min(COEFFICIENTS, bands)))
    values = _standard(log_mel @ np.cos(angles).astype(np.float32))
    padded = np.pad(values, ((2, 2), (0, 0)), mode="edge")
    changes = 2 * (padded[4:] - padded[:-4]) + padded[3:-1] - padded[1:-3]
    return np.asarray(np.concatenate([values, _standard(changes)], axis=1)[::2], dtype=np.float32)


def _standard(values: Floats) -> Floats:
    centred = values - values.mean(axis=0)
    return np.asarray(centred / (centred.std(axis=0) + 1e-3), dtype=np.float32)
