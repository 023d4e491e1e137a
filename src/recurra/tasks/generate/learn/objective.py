"""Training to predict the next symbol of one long text: its windows, its loss, and how it is judged on the way."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from recurra.tasks.generate.learn.network import LanguageNetwork, Window
from recurra.training.objective import Monitor, Validation

VALID_STREAMS = 32
"""The validation text is read in so many parallel streams at most ..."""
VALID_SYMBOLS = 256
"""... of so many symbols at least, since each begins without a state."""
SCORING_LOGITS = 2**23
"""Numbers of a block of logits that is scored: this bounds memory however large the vocabulary is."""


@dataclass(frozen=True)
class Stream:
    """One long text, cut for truncated back-propagation.

    ids: [N] int32, N >= 2. unroll: symbols of a window, T.
    The text is a ring, which each epoch cuts anew into B streams of equal length at places that `rng` chooses; the
    windows of an epoch follow each other along the streams, and the state goes from one to the next. Each epoch reads
    every symbol about once.
    """

    ids: NDArray[np.int32]
    unroll: int

    def __len__(self) -> int:
        return len(self.ids) - 1

    def windows(self, streams: int) -> int:
        """Return how many windows an epoch has."""
        return math.ceil(len(self) / (streams * self.unroll))

    def batches(self, size: int, rng: np.random.Generator) -> list[NDArray[np.int64]]:
        """Return the windows of an epoch: for each, where its B streams stand, and -1 at the end of the first one."""
        streams = self.streams(size)
        starts = int(rng.integers(len(self))) + np.arange(streams) * len(self) // streams  # [B]
        found = [(starts + window * self.unroll) % len(self) for window in range(self.windows(streams))]
        found[0] = np.append(found[0], -1)
        return found

    def batch(self, rows: NDArray[np.int64], device: torch.device | str) -> tuple[Window, Tensor]:
        """Return (the window, the symbol after each of its symbols [T * B])."""
        fresh = rows[-1] < 0
        starts = rows[:-1] if fresh else rows
        places = (starts + np.arange(self.unroll)[:, None]) % len(self)  # [T, B]
        ids = torch.from_numpy(self.ids[places].astype(np.int64)).to(device)
        targets = torch.from_numpy(self.ids[places + 1].astype(np.int64)).to(device)
        return Window(ids, bool(fresh)), targets.flatten()

    def streams(self, size: int) -> int:
        """Return B: `size`, or fewer where the text is too short for one window each."""
        return max(1, min(size, len(self) // self.unroll))


@dataclass(frozen=True)
class NextSymbol:
    """Which symbol comes next? The loss is in nats a symbol."""

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """outputs: logits [T * B, V] float32; targets: [T * B] int64."""
        return functional.cross_entropy(outputs, targets)

    def metrics(self, outputs: Tensor, targets: Tensor) -> dict[str, float]:
        """Return how many symbols are predicted correctly, and how many there are."""
        return {"correct": int((outputs.argmax(-1) == targets).sum()), "count": len(targets)}

    def summarise(self, sums: Mapping[str, float]) -> dict[str, float]:
        """Return the share of the symbols that are predicted correctly."""
        return {"accuracy": sums["correct"] / sums["count"]}

    def validate(self, network: nn.Module, rows: Stream, device: torch.device) -> Validation:
        """Evaluate by the mean loss on the text in float32, with the hidden state kept from block to block."""
        assert isinstance(network, LanguageNetwork)
        network.eval()
        nats = correct = 0.0
        count = 0
        hidden: Tensor | None = None
        with torch.inference_mode():
            for ids, targets in _in_order(rows.ids, network.shape.vocabulary, device):
                logits, hidden = network.read(ids, hidden)
                nats += float(functional.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="sum"))
                correct += float((logits.argmax(-1) == targets).sum())
                count += targets.numel()
        loss = nats / count
        return Validation({"loss": loss, "accuracy": correct / count}, Monitor("loss", loss))


def _in_order(ids: NDArray[np.int32], vocabulary: int, device: torch.device) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield (symbols [T, B], those after them) along a text in parallel streams; a rest too short for all is left."""
    streams = max(1, min(VALID_STREAMS, (len(ids) - 1) // VALID_SYMBOLS))
    steps = (len(ids) - 1) // streams
    before = torch.from_numpy(ids[: steps * streams].astype(np.int64)).view(streams, steps).t()
    after = torch.from_numpy(ids[1 : steps * streams + 1].astype(np.int64)).view(streams, steps).t()
    block = max(1, SCORING_LOGITS // (vocabulary * streams))
    for start in range(0, steps, block):
        yield before[start : start + block].to(device), after[start : start + block].to(device)
