"""Training to predict the next symbol of one long text: its windows, its loss and its validation."""

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
from recurra.tasks.generate.session import SCORING_LOGITS
from recurra.training.objective import Monitor, Validation

VALID_LANES = 32
"""Most lanes of the validation text, which are read in parallel."""
VALID_SYMBOLS = 256
"""Fewest symbols of such a lane, since each begins from a hidden state of zeros."""


@dataclass(frozen=True)
class LongText:
    """One long text, cut into windows for truncated back-propagation through time.

    ids: [N] int32, N >= 2. bptt: T, the symbols of a window.
    The text is a ring, which each epoch cuts anew into B lanes of equal length at positions that `rng` chooses; the
    windows of an epoch follow each other along the lanes, and the hidden state passes from one to the next. Each epoch
    reads every symbol about once.
    """

    ids: NDArray[np.int32]
    bptt: int

    def __len__(self) -> int:
        return len(self.ids) - 1

    def lanes(self, size: int) -> int:
        """Return B: `size`, or fewer where the text is too short for one window each."""
        return max(1, min(size, len(self) // self.bptt))

    def windows(self, lanes: int) -> int:
        """Return the number of windows in an epoch."""
        return math.ceil(len(self) / (lanes * self.bptt))

    def batches(self, size: int, rng: np.random.Generator) -> list[NDArray[np.int64]]:
        """Return the windows of an epoch: of each, the position of its B lanes, and -1 at the end of the first one."""
        lanes = self.lanes(size)
        starts = int(rng.integers(len(self))) + np.arange(lanes) * len(self) // lanes  # [B]
        windows = [(starts + window * self.bptt) % len(self) for window in range(self.windows(lanes))]
        windows[0] = np.append(windows[0], -1)
        return windows

    def batch(self, rows: NDArray[np.int64], device: torch.device | str) -> tuple[Window, Tensor]:
        """Return (window [T, B], the symbol after each of its symbols [T * B])."""
        reset = rows[-1] < 0
        starts = rows[:-1] if reset else rows
        positions = (starts + np.arange(self.bptt)[:, None]) % len(self)  # [T, B]
        ids = torch.from_numpy(self.ids[positions].astype(np.int64)).to(device)
        targets = torch.from_numpy(self.ids[positions + 1].astype(np.int64)).to(device)
        return Window(ids, bool(reset)), targets.flatten()


@dataclass(frozen=True)
class NextSymbol:
    """Which symbol comes next? The loss is in nats a symbol."""

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Return the mean cross-entropy in nats. outputs: logits [T * B, V] float32; targets: [T * B] int64."""
        return functional.cross_entropy(outputs, targets)

    def metrics(self, outputs: Tensor, targets: Tensor) -> dict[str, float]:
        """Return how many symbols are predicted correctly, and how many there are."""
        return {"correct": int((outputs.argmax(-1) == targets).sum()), "count": len(targets)}

    def summarise(self, sums: Mapping[str, float]) -> dict[str, float]:
        """Return the share of the symbols that are predicted correctly."""
        return {"accuracy": sums["correct"] / sums["count"]}

    def validate(self, network: nn.Module, rows: LongText, device: torch.device) -> Validation:
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
    """Yield (symbols [T, B], those after them) along a text in lanes; the rest that is too short for all is left."""
    lanes = max(1, min(VALID_LANES, (len(ids) - 1) // VALID_SYMBOLS))
    steps = (len(ids) - 1) // lanes
    before = torch.from_numpy(ids[: steps * lanes].astype(np.int64)).view(lanes, steps).t()
    after = torch.from_numpy(ids[1 : steps * lanes + 1].astype(np.int64)).view(lanes, steps).t()
    block = max(1, SCORING_LOGITS // (vocabulary * lanes))
    for start in range(0, steps, block):
        yield before[start : start + block].to(device), after[start : start + block].to(device)
