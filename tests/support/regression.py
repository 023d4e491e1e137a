"""A regression: an objective that counts no right answers, and the rows and network to train it with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from recurra.options.training import FitOptions
from recurra.training.loop import Run
from recurra.training.objective import Monitor, Validation


@dataclass(frozen=True)
class NumberRows:
    """inputs: [N, D] float32; targets: [N] float32."""

    inputs: NDArray[np.float32]
    targets: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.targets)

    def batches(self, size: int, rng: np.random.Generator) -> list[NDArray[np.int64]]:
        return [part for part in np.array_split(rng.permutation(len(self)), -(-len(self) // size)) if len(part)]

    def batch(self, rows: NDArray[np.int64], device: torch.device | str = "cpu") -> tuple[Tensor, Tensor]:
        return torch.from_numpy(self.inputs[rows]).to(device), torch.from_numpy(self.targets[rows]).to(device)


class SquaredError:
    """Train by the mean squared error; monitor the mean absolute error, or the loss where there is no metric."""

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        return functional.mse_loss(outputs[:, 0], targets)

    def metrics(self, outputs: Tensor, targets: Tensor) -> dict[str, float]:
        return {"absolute_error": float((outputs[:, 0] - targets).abs().sum()), "count": len(targets)}

    def summarise(self, sums: Mapping[str, float]) -> dict[str, float]:
        return {"mean_absolute_error": sums["absolute_error"] / sums["count"]}

    def validate(self, network: nn.Module, rows: NumberRows, device: torch.device) -> Validation:
        network.eval()
        with torch.inference_mode():
            inputs, targets = rows.batch(np.arange(len(rows)), device)
            outputs = network(inputs)
            metrics = {"loss": float(self.loss(outputs, targets)), **self.summarise(self.metrics(outputs, targets))}
        name = next(reversed(metrics))
        return Validation(metrics, Monitor(name, metrics[name]))


class LossAlone(SquaredError):
    """The same with no metric but the loss."""

    def metrics(self, outputs: Tensor, targets: Tensor) -> dict[str, float]:
        return {"count": len(targets)}

    def summarise(self, sums: Mapping[str, float]) -> dict[str, float]:
        return {}


def regression_run(objective: SquaredError, epochs: int = 4, **changes: Any) -> tuple[nn.Module, Run]:
    """Return a network and the run that fits it to y = 2 x_1 - x_2 + noise."""
    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(260, 3)).astype(np.float32)
    targets = (2 * inputs[:, 0] - inputs[:, 1] + rng.normal(size=260) / 10).astype(np.float32)
    options = FitOptions(batch=16, learning_rate=0.02, patience=None, precision="fp32")
    torch.manual_seed(options.seed)
    network = nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Dropout(0.1), nn.Linear(8, 1))
    train, valid = NumberRows(inputs[:200], targets[:200]), NumberRows(inputs[200:], targets[200:])
    return network, Run(objective, options, epochs, torch.device("cpu"), False, train, valid, **changes)
