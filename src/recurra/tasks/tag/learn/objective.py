"""Training for a tag for each word: the rows as the network takes them, and the loss, with a CRF or without."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from recurra.inference.batching import batches_by_length
from recurra.nn.batch import Batch, length_grouped
from recurra.tasks.tag.features import Features, WordFeatures
from recurra.tasks.tag.learn.crf import CRF
from recurra.tasks.tag.learn.network import TaggerBatch
from recurra.training.objective import Monitor, Validation

SCORING_TOKENS = 2**13
"""Words of a batch that is scored, padding included."""
NO_TAG = -1
"""The target beyond a sentence's end, and of a word whose tag is not among those of the model."""


@dataclass(frozen=True)
class TaggedExamples:
    """N sentences over the distinct words of them all.

    features: of the W distinct words; pool: [P] int32 words of all sentences, one after the other, as rows of
    `features`; targets: [P] int64 tags; starts, lengths: [N] where each sentence lies in the pool.
    """

    features: Features
    pool: NDArray[np.int32]
    targets: NDArray[np.int64]
    starts: NDArray[np.int64]
    lengths: NDArray[np.int64]

    @classmethod
    def of(
        cls, sentences: Sequence[Sequence[str]], tags: Sequence[Sequence[int]], word_features: WordFeatures
    ) -> TaggedExamples:
        """sentences: of at least one word each; tags: an index, or NO_TAG, for each of the words."""
        distinct: dict[str, int] = {}
        pool = [distinct.setdefault(word, len(distinct)) for words in sentences for word in words]
        lengths = np.array([len(words) for words in sentences], dtype=np.int64)
        starts = np.cumsum(lengths) - lengths
        targets = np.array([tag for sentence in tags for tag in sentence], dtype=np.int64)
        return cls(word_features.features(list(distinct)), np.array(pool, dtype=np.int32), targets, starts, lengths)

    def __len__(self) -> int:
        return len(self.lengths)

    def batches(self, size: int, rng: np.random.Generator) -> list[NDArray[np.int64]]:
        """Return the batches of one epoch: sentences of similar length together, in random order."""
        return length_grouped(self.lengths, size, rng)

    def batch(self, rows: NDArray[np.int64], device: torch.device | str = "cpu") -> tuple[TaggerBatch, Tensor]:
        """Return (batch of the rows, targets [B, T] with NO_TAG in the padding)."""
        positions = [np.arange(self.starts[row], self.starts[row] + self.lengths[row]) for row in rows]
        distinct, numbers = np.unique(self.pool[np.concatenate(positions)], return_inverse=True)
        ends = np.cumsum(self.lengths[rows])
        sentences = np.split(numbers.reshape(-1).astype(np.int32), ends[:-1])
        index = Batch.of(sentences, device)
        targets = np.full(tuple(index.values.shape), NO_TAG, dtype=np.int64)
        for target, entries in zip(targets, positions, strict=True):
            target[: len(entries)] = self.targets[entries]
        of = self.features
        sizes = of.sizes[distinct]

        def moved(array: NDArray[np.int64]) -> Tensor:
            return torch.from_numpy(array).to(device)

        characters = Batch(moved(of.characters[distinct, : sizes.max()]), moved(sizes))
        batch = TaggerBatch(
            moved(of.words[distinct]), moved(of.word_shapes[distinct]), moved(of.affixes[distinct]), characters, index
        )
        return batch, moved(targets)


@dataclass(frozen=True)
class Tagging:
    """Which of K tags has each word? crf: the network's own, or None, where each word's tag is predicted by itself."""

    crf: CRF | None

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Return the mean negative log-likelihood in nats a word. outputs: [B, T, K] float32; targets: [B, T]."""
        if self.crf is None:
            return functional.cross_entropy(outputs.flatten(0, 1), targets.flatten(), ignore_index=NO_TAG)
        lengths = (targets != NO_TAG).sum(1)
        return -self.crf.log_likelihood(outputs, targets, lengths).sum() / lengths.sum()

    def predicted(self, outputs: Tensor, lengths: Tensor) -> Tensor:
        """Return the tags that the network answers [B, T]; beyond a sentence's length they mean nothing."""
        return outputs.argmax(-1) if self.crf is None else self.crf.decode(outputs, lengths)

    def metrics(self, outputs: Tensor, targets: Tensor) -> dict[str, float]:
        """Return how many words are tagged correctly, and how many there are."""
        real = targets != NO_TAG
        correct = (self.predicted(outputs, real.sum(1)) == targets) & real
        return {"correct": int(correct.sum()), "count": int(real.sum())}

    def summarise(self, sums: Mapping[str, float]) -> dict[str, float]:
        """Return the share of the words that are tagged correctly."""
        return {"accuracy": sums["correct"] / sums["count"]}

    def validate(self, network: nn.Module, rows: TaggedExamples, device: torch.device) -> Validation:
        """Evaluate by the share of the words that are tagged correctly."""
        network.eval()
        loss, correct, count = 0.0, 0.0, 0.0
        with torch.inference_mode():
            for chosen in batches_by_length(rows.lengths, SCORING_TOKENS):
                batch, targets = rows.batch(chosen, device)
                outputs = network(batch)
                sums = self.metrics(outputs, targets)
                loss += float(self.loss(outputs, targets)) * sums["count"]
                correct, count = correct + sums["correct"], count + sums["count"]
        accuracy = correct / count
        return Validation({"loss": loss / count, "accuracy": accuracy}, Monitor("accuracy", accuracy, "higher"))
