"""Training to write a target for a source: teacher forcing, smoothed labels, batches of about as many pieces each."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from recurra.nn.batch import Batch
from recurra.seq2seq.learn.network import Matched, Pairs, Seq2Seq
from recurra.seq2seq.shape import BEGIN, END
from recurra.training.objective import Monitor, Validation

SCORING_PIECES = 4096
"""Target pieces of a batch that is scored, padding included: its logits are 4096 x V numbers."""

MATCHING = 0.3
"""The factor of the loss of matching beside that of writing."""

POOL = 50
"""Batches that are sorted by length together."""


class IdRows:
    """Rows of ids, end to end. pool: [P] int32; ends: [N] int64, where each row ends in it."""

    def __init__(self, pool: NDArray[np.int32], ends: NDArray[np.int64]) -> None:
        self.pool, self.ends = pool, ends
        self.lengths: NDArray[np.int64] = np.diff(ends, prepend=0)

    @classmethod
    def of(cls, rows: Iterable[Sequence[int]]) -> IdRows:
        """Keep rows of ids."""
        pool, ends = array("i"), array("q")
        for row in rows:
            pool.extend(row)
            ends.append(len(pool))
        return cls(np.array(pool, dtype=np.int32), np.array(ends, dtype=np.int64))

    def __len__(self) -> int:
        return len(self.ends)

    def __getitem__(self, row: int) -> NDArray[np.int32]:
        return self.pool[self.ends[row] - self.lengths[row] : self.ends[row]]


@dataclass(frozen=True)
class PairExamples:
    """Pairs of encoded texts. rows: [n] which of the pairs these examples are. No source is empty."""

    sources: IdRows
    targets: IdRows
    rows: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def source_lengths(self) -> NDArray[np.int64]:
        return self.sources.lengths[self.rows]

    @property
    def target_lengths(self) -> NDArray[np.int64]:
        """How many pieces each decoder writes, END included."""
        return self.targets.lengths[self.rows] + 1

    def batches(self, size: int, rng: np.random.Generator) -> list[NDArray[np.int64]]:
        """Return the batches of one epoch: pairs of similar lengths, `size` of them on average."""
        lengths = self.source_lengths + self.target_lengths
        return by_pieces(lengths, self.target_lengths, size, rng)

    def batch(self, rows: NDArray[np.int64], device: torch.device | str = "cpu") -> tuple[Pairs, Tensor]:
        """Return (what the network takes, the pieces to be written [N] int64, row after row)."""
        which = self.rows[rows]
        targets = [self.targets[int(row)] for row in which]
        begin, end = np.array([BEGIN], dtype=np.int32), np.array([END], dtype=np.int32)
        pairs = Pairs(
            Batch.of([self.sources[int(row)] for row in which], device),
            Batch.of([np.concatenate([begin, target]) for target in targets], device),
        )
        written = np.concatenate([part for target in targets for part in (target, end)]).astype(np.int64)
        return pairs, torch.from_numpy(written).to(device)


def by_pieces(
    lengths: NDArray[np.int64], second: NDArray[np.int64], size: int, rng: np.random.Generator
) -> list[NDArray[np.int64]]:
    """Return batches of row numbers in random order, each of rows of similar length and of about as many pieces.

    lengths: [N], and `second` [N] where they are equal. A batch holds `size` rows of the mean length, more of shorter
    and fewer of longer ones. Every row appears exactly once.
    """
    budget = size * float(lengths.mean())
    order = rng.permutation(len(lengths))
    batches: list[NDArray[np.int64]] = []
    for start in range(0, len(order), POOL * size):
        pool = order[start : start + POOL * size]
        pool = pool[np.lexsort((second[pool], lengths[pool]))]
        first = 0
        for end in range(1, len(pool) + 1):
            if end == len(pool) or (end + 1 - first) * lengths[pool[end]] > budget:
                batches.append(pool[first:end])
                first = end
    return [batches[i] for i in rng.permutation(len(batches))]


@dataclass(frozen=True)
class Translation:
    """Which piece comes next, given the source and the target so far?

    Where sources and targets are matched: which target of the batch belongs to each source, and the other way round?

    smoothing: share of the probability that the target spreads over all pieces in training (Szegedy et al., 2016,
    Rethinking the inception architecture). What is reported of validation has none of it.
    """

    smoothing: float = 0.1

    def loss(self, outputs: Tensor | Matched, targets: Tensor) -> Tensor:
        """Return the mean cross-entropy in nats a piece, and MATCHING times that of the match.

        outputs: logits [N, V], or these and the match [B, B]; targets: [N] int64.
        """
        loss = functional.cross_entropy(_logits(outputs), targets, label_smoothing=self.smoothing)
        if isinstance(outputs, Tensor):
            return loss
        own = torch.arange(len(outputs.match), device=targets.device)
        match = functional.cross_entropy(outputs.match, own) + functional.cross_entropy(outputs.match.T, own)
        return loss + MATCHING * match / 2

    def metrics(self, outputs: Tensor | Matched, targets: Tensor) -> dict[str, float]:
        """Return how many pieces are predicted correctly, and how many there are."""
        return {"correct": int((_logits(outputs).argmax(-1) == targets).sum()), "count": len(targets)}

    def summarise(self, sums: Mapping[str, float]) -> dict[str, float]:
        """Return the share of the pieces that are predicted correctly."""
        return {"accuracy": sums["correct"] / sums["count"]}

    def validate(self, network: nn.Module, rows: PairExamples, device: torch.device) -> Validation:
        """Evaluate by the cross-entropy of the targets under teacher forcing, in float32."""
        assert isinstance(network, Seq2Seq)  # for the type checker
        network.eval()
        loss, correct, count = 0.0, 0.0, 0
        with torch.inference_mode():
            for chosen in _scoring_batches(rows):
                pairs, targets = rows.batch(chosen, device)
                outputs = network.decode(network.encode(pairs.source), pairs.target)
                loss += float(functional.cross_entropy(outputs, targets, reduction="sum"))
                correct += self.metrics(outputs, targets)["correct"]
                count += len(targets)
        loss /= count
        return Validation({"loss": loss, "accuracy": correct / count}, Monitor("loss", loss))


def _logits(outputs: Tensor | Matched) -> Tensor:
    return outputs if isinstance(outputs, Tensor) else outputs.logits


def _scoring_batches(rows: PairExamples) -> list[NDArray[np.int64]]:
    """Return batches of at most SCORING_PIECES padded target pieces, or of one row."""
    lengths = np.maximum(rows.target_lengths, rows.source_lengths)
    order = np.argsort(-lengths, kind="stable")
    batches, start = [], 0
    while start < len(order):
        size = max(1, SCORING_PIECES // int(lengths[order[start]]))
        batches.append(order[start : start + size])
        start += size
    return batches
