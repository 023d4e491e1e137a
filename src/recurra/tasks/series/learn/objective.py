"""What a network for series is trained for: the right label, or a number with a small squared error."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from recurra.inference.batching import batches_by_length
from recurra.tasks.series.learn.examples import Examples
from recurra.training.objective import Monitor, Validation

SCORING_FRAMES = 2**15
"""Frames of a batch that is scored, padding included."""
SMOOTHING = 0.1
"""Label smoothing: the share of the target that is spread over all labels."""


class Labels:
    """Which label? Cross-entropy in nats, smoothed in training alone."""

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Return the mean over the rows. outputs: logits [B, K]; targets: [B]."""
        return functional.cross_entropy(outputs, targets, label_smoothing=SMOOTHING)

    def metrics(self, outputs: Tensor, targets: Tensor) -> dict[str, float]:
        """Return how many are right."""
        return {"correct": int((outputs.argmax(1) == targets).sum()), "count": len(targets)}

    def summarise(self, sums: Mapping[str, float]) -> dict[str, float]:
        """Return the accuracy."""
        return {"accuracy": sums["correct"] / sums["count"]}

    def validate(self, network: nn.Module, rows: Examples, device: torch.device) -> Validation:
        """Evaluate by the cross-entropy."""
        outputs, targets = scored(network, rows, device)
        loss = float(functional.cross_entropy(outputs, targets))
        accuracy = float((outputs.argmax(1) == targets).float().mean())
        return Validation({"loss": loss, "accuracy": accuracy}, Monitor("loss", loss))


class Numbers:
    """Which number? The squared error of standardised numbers, half of it."""

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Return the mean over the rows. outputs: [B, 1]; targets: [B]."""
        return functional.mse_loss(outputs[:, 0], targets) / 2

    def metrics(self, outputs: Tensor, targets: Tensor) -> dict[str, float]:
        """Return the sum of the absolute errors, in standard deviations of the targets."""
        return {"absolute_error": float((outputs[:, 0] - targets).abs().sum()), "count": len(targets)}

    def summarise(self, sums: Mapping[str, float]) -> dict[str, float]:
        """Return the mean absolute error."""
        return {"mean_absolute_error": sums["absolute_error"] / sums["count"]}

    def validate(self, network: nn.Module, rows: Examples, device: torch.device) -> Validation:
        """Evaluate by the squared error."""
        outputs, targets = scored(network, rows, device)
        loss = float(functional.mse_loss(outputs[:, 0], targets)) / 2
        error = float((outputs[:, 0] - targets).abs().mean())
        return Validation({"loss": loss, "mean_absolute_error": error}, Monitor("loss", loss))


def scored(network: nn.Module, rows: Examples, device: torch.device) -> tuple[Tensor, Tensor]:
    """Return the outputs [N, K] of the network for all rows and their targets [N], on the CPU."""
    network.eval()
    outputs, order = [], []
    with torch.inference_mode():
        for chosen in batches_by_length(rows.lengths, SCORING_FRAMES):
            outputs.append(network(rows.batch(chosen, device)[0]).float().cpu())
            order.append(torch.from_numpy(chosen))
    found = torch.cat(outputs)
    sorted_outputs = torch.empty_like(found)
    sorted_outputs[torch.cat(order)] = found
    return sorted_outputs, torch.from_numpy(rows.targets)


def outputs_of(network: nn.Module, rows: Examples) -> NDArray[np.float32]:
    """Return the outputs [N, K] of a network, which is on the CPU, for all rows."""
    return scored(network, rows, torch.device("cpu"))[0].numpy()
