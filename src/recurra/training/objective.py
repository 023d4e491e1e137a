"""What the training loop asks of a task: its loss, sums of its metrics, and the values on the validation rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn


@dataclass(frozen=True)
class Monitor:
    """The one value of an epoch by which the best epoch is chosen. better: which direction is the good one."""

    name: str
    value: float
    better: Literal["lower", "higher"] = "lower"

    @property
    def cost(self) -> float:
        """The value, negated where higher is better: the epoch with the least cost is the best one."""
        return self.value if self.better == "lower" else -self.value


@dataclass(frozen=True)
class Validation:
    """The values on the validation rows after an epoch.

    metrics: by name, "loss" among them; the history keeps each as `valid_<name>`. monitor: need not be among them.
    """

    metrics: Mapping[str, float]
    monitor: Monitor


class Source(Protocol):
    """Rows to learn from, in whatever form the network takes."""

    def __len__(self) -> int: ...

    def batches(self, size: int, rng: np.random.Generator) -> list[NDArray[np.int64]]:
        """Return the batches of one epoch, as the numbers of their rows. `rng` alone decides their order."""
        ...

    def batch(self, rows: NDArray[np.int64], device: torch.device | str) -> tuple[Any, Any]:
        """Return (inputs of the network, targets of the objective)."""
        ...


class Objective(Protocol):
    """What a network is trained for."""

    def loss(self, outputs: Any, targets: Any) -> Tensor:
        """Return the mean loss of a batch over its units (rows, tokens ...), a scalar.

        outputs: what the network answered, a tensor or a named tuple of tensors, in float32.
        """
        ...

    def metrics(self, outputs: Any, targets: Any) -> dict[str, float]:
        """Return named sums over the units of a batch. "count", the number of units, must be among them.

        Examples: {"correct": 12, "count": 16}, {"absolute_error": 3.1, "count": 16}, {"count": 16}.
        """
        ...

    def summarise(self, sums: Mapping[str, float]) -> dict[str, float]:
        """Return the metrics of an epoch from the sums over its batches; the history keeps each as `train_<name>`.

        Examples: {"accuracy": 0.75}, {"mean_absolute_error": 0.19}, {}.
        """
        ...

    def validate(self, network: nn.Module, rows: Any, device: torch.device) -> Validation:
        """Evaluate the network on the validation rows."""
        ...
