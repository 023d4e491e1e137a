"""Utterances as the network takes them: steps of log-mel frames and the symbols of the transcripts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from recurra.nn.batch import Batch, length_grouped
from recurra.tasks.transcribe.features import FrontEnd
from recurra.tasks.transcribe.learn.waveforms import Waveforms

STATISTICS = 2_000
"""Utterances from which the mean and the deviation of each energy are taken, at most."""


class Augmentation(Protocol):
    """What is done to an utterance in training."""

    def joined(self, samples: int, rng: np.random.Generator) -> int:
        """Return how many utterances of its speaker are joined to one of so many samples, often none."""
        ...

    def __call__(self, parts: Sequence[NDArray[np.float32]], rng: np.random.Generator) -> NDArray[np.float32]:
        """Return the steps [T, D] of utterances that are joined to one, samples [N_i] each."""
        ...


class CTCTargets(NamedTuple):
    """symbols: [B, L] int64, padded with the blank; lengths: [B], of them; steps: [B], of the network's outputs."""

    symbols: Tensor
    lengths: Tensor
    steps: Tensor


class Examples:
    """N utterances to train on, or to validate with where nothing augments them.

    rows: [N], their numbers among `waveforms`; symbols: of each; groups: [N], which of them are of one speaker;
    space: the symbol between words.
    """

    def __init__(
        self,
        waveforms: Waveforms,
        rows: NDArray[np.int64],
        symbols: Sequence[NDArray[np.int64]],
        groups: NDArray[np.int64],
        front_end: FrontEnd,
        space: int,
        augmentation: Augmentation | None = None,
    ) -> None:
        self._space = space
        self._waveforms, self._rows, self._symbols = waveforms, rows, symbols
        self._front_end, self._augmentation = front_end, augmentation
        self.steps = np.array([front_end.steps(waveforms.samples(int(row))) for row in rows], dtype=np.int64)
        _, self._group, sizes = np.unique(groups, return_inverse=True, return_counts=True)
        self._peers = np.split(np.argsort(groups, kind="stable"), np.cumsum(sizes)[:-1])  # of each group, not each row
        self._salt = 0

    def __len__(self) -> int:
        return len(self._rows)

    def batches(self, size: int, rng: np.random.Generator) -> list[NDArray[np.int64]]:
        """Return the batches of one epoch, utterances of similar length together, in random order. What is done to an
        utterance in the epoch depends on `rng` and its number alone."""
        self._salt = int(rng.integers(2**63))
        return length_grouped(self.steps, size, rng)

    def batch(self, rows: NDArray[np.int64], device: torch.device | str = "cpu") -> tuple[Batch, CTCTargets]:
        """Return (steps [B, T, D], their targets)."""
        pairs = [self._example(int(row)) for row in rows]
        batch = Batch.of([frames for frames, _ in pairs], device)
        lengths = np.array([len(symbols) for _, symbols in pairs], dtype=np.int64)
        padded = np.zeros((len(pairs), max(1, int(lengths.max()))), dtype=np.int64)
        for target, (_, symbols) in zip(padded, pairs, strict=True):
            target[: len(symbols)] = symbols
        return batch, CTCTargets(
            torch.from_numpy(padded).to(device), torch.from_numpy(lengths).to(device), batch.lengths
        )

    def frames(self, rows: Iterable[int]) -> list[NDArray[np.float32]]:
        """Return the steps [T, D] of some utterances as they are."""
        return [self._front_end(self._samples(row)) for row in rows]

    def statistics(self, most: int = STATISTICS) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return the mean and the deviation [V] of each value over the utterances, `most` of them evenly spread."""
        rows = np.unique(np.linspace(0, len(self) - 1, min(most, len(self))).astype(int))
        front_end, count, total, square = self._front_end, 0, 0.0, 0.0
        for row in rows:
            levelled = front_end.levelled(front_end.log_mel(self._samples(int(row))))
            energies = front_end.with_changes(levelled).astype(np.float64)
            count += len(energies)
            total, square = total + energies.sum(axis=0), square + np.square(energies).sum(axis=0)
        mean = total / count
        deviation = np.sqrt(np.maximum(square / count - np.square(mean), 0))
        return np.asarray(mean, dtype=np.float32), np.asarray(deviation, dtype=np.float32)

    def _example(self, row: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """Return the steps [T, D] and the symbols [L] of an utterance."""
        samples, symbols = self._samples(row), self._symbols[row]
        if self._augmentation is None:
            return self._front_end(samples), symbols
        rng = np.random.default_rng((self._salt, row))
        peers = self._peers[self._group[row]]
        others = rng.integers(len(peers), size=self._augmentation.joined(len(samples), rng))
        joined = [int(peers[other]) for other in others]
        order = [row, *joined]
        rng.shuffle(order)
        steps = self._augmentation([self._samples(other) for other in order], rng)
        return steps, join_symbols([self._symbols[other] for other in order], self._space)

    def _samples(self, row: int) -> NDArray[np.float32]:
        return self._waveforms[int(self._rows[row])]


def join_symbols(parts: Sequence[NDArray[np.int64]], space: int) -> NDArray[np.int64]:
    """Return transcripts one after the other, a space between them; empty ones add nothing."""
    joined: list[int] = []
    for part in parts:
        if joined and len(part):
            joined.append(space)
        joined += part.tolist()
    return np.array(joined, dtype=np.int64)
