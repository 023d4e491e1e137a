"""What the training loop asks of a task: its loss, a tally of what it got right, and how validation judges it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn


@dataclass(frozen=True)
class Validation:
    """What the validation rows say after an epoch.

    loss: in nats a unit (a row, a token ...); accuracy: the share of the units that are right; judged: what is to be
    as small as possible: the weights of the epoch with the least are kept.
    """

    loss: float
    accuracy: float
    judged: float


class Source(Protocol):
    """Rows to learn from, in whatever form the network takes."""

    def __len__(self) -> int: ...

    def batches(self, size: int, rng: np.random.Generator) -> list[NDArray[np.int64]]:
        """Return the batches of one epoch, as the numbers of their rows. `rng` alone decides their order."""
        ...

    def batch(self, rows: NDArray[np.int64], device: torch.device | str) -> tuple[Any, Any]:
        """Return (what the network takes, what the objective compares its answer with)."""
        ...


class Objective(Protocol):
    """What a network is trained for."""

    def loss(self, outputs: Tensor, targets: Any) -> Tensor:
        """Return the mean loss of a batch, in nats a unit. outputs: what the network returned, in float32."""
        ...

    def tally(self, outputs: Tensor, targets: Any) -> tuple[int, int]:
        """Return (units that are right, units) of a batch."""
        ...

    def validate(self, network: nn.Module, rows: Any, device: torch.device) -> Validation:
        """Judge the network on the validation rows."""
        ...
