"""What a network that forecasts is trained for: quantiles with a small pinball loss."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from recurra.tasks.forecast.band import LEVELS
from recurra.tasks.forecast.learn.examples import Examples
from recurra.training.objective import Monitor, Validation

SCORED = 512
"""Windows of a batch that is scored."""


class Pinball:
    """The pinball losses of the quantiles, added up, in units of the usual error of the anchor; the mean over the
    values that are known."""

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Return the mean. outputs: [M, B, H, 3], or [B, H, 3]; targets: [B, H], NaN where not known."""
        return _mean(outputs, targets)

    def metrics(self, outputs: Tensor, targets: Tensor) -> dict[str, float]:
        """Return how many values there are."""
        return {"count": int(torch.isfinite(targets).sum())}

    def summarise(self, sums: Mapping[str, float]) -> dict[str, float]:
        """Return nothing: the loss says it."""
        return {}

    def validate(self, network: nn.Module, rows: Examples, device: torch.device) -> Validation:
        """Evaluate by the loss."""
        loss = float(_mean(answers(network, rows, device), torch.from_numpy(rows.targets)))
        return Validation({"loss": loss}, Monitor("loss", loss))


def answers(network: nn.Module, rows: Examples, device: torch.device) -> Tensor:
    """Return the quantiles [N, H, 3] of the network for all rows, on the CPU."""
    network.eval()
    found = []
    with torch.inference_mode():
        for start in range(0, len(rows), SCORED):
            found.append(network(rows.windows(slice(start, start + SCORED), device)).float().cpu())
    return torch.cat(found)


def _mean(outputs: Tensor, targets: Tensor) -> Tensor:
    known = torch.isfinite(targets)
    errors = (torch.where(known, targets, 0.0)[..., None] - outputs)[..., known, :]  # [.., values, 3]
    shares = errors.new_tensor(LEVELS)
    return torch.maximum(shares * errors, (shares - 1) * errors).sum(dim=-1).mean()
