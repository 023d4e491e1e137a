"""What the columns beside a text add to the scores of a network in training: see `many_to_one/feature_side.py`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from recurra.nn.dropout import Dropout

HIDDEN = 32
"""Units of the hidden layer."""


class FeatureLayer(nn.Module):
    """From vectors [B, F] to scores [B, O]. It begins at nothing. dropout: probability of dropping a hidden unit."""

    def __init__(self, inputs: int, hidden: int, outputs: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.hidden = nn.Linear(inputs, hidden)
        self.output = nn.Linear(hidden, outputs, bias=False)
        self.linear = nn.Linear(inputs, outputs, bias=False)
        self.dropout = Dropout(dropout)
        nn.init.zeros_(self.output.weight)
        nn.init.zeros_(self.linear.weight)

    def forward(self, x: Tensor) -> Tensor:
        """Return what rows [B, F] add [B, O]."""
        hidden: Tensor = self.dropout(torch.relu(self.hidden(x)))
        added: Tensor = self.output(hidden) + self.linear(x)
        return added

    @torch.no_grad()
    def ignore(self, places: NDArray[np.bool_]) -> None:
        """Let places [F] that no training row has, such as one for missing, say nothing: no step changes them."""
        self.hidden.weight[:, torch.from_numpy(places)] = 0

    @torch.no_grad()
    def scale(self, factor: float) -> None:
        """Multiply all that it adds."""
        self.output.weight.mul_(factor)
        self.linear.weight.mul_(factor)

    @torch.no_grad()
    def blend(self, share: float, linear: NDArray[np.floating[Any]]) -> None:
        """Become (1 - share) times itself plus share times a linear model [F, O]."""
        self.scale(1 - share)
        self.linear.weight.add_(share * torch.from_numpy(linear.T.astype(np.float32)))

    @classmethod
    @torch.no_grad()
    def mean(cls, layers: Sequence[FeatureLayer]) -> Self:
        """Return the one whose scores are the mean of those of several: their hidden units side by side."""
        first, count = layers[0], len(layers)
        whole = cls(first.hidden.in_features, count * first.hidden.out_features, first.output.out_features)
        whole.hidden.weight.copy_(torch.cat([layer.hidden.weight for layer in layers]))
        whole.hidden.bias.copy_(torch.cat([layer.hidden.bias for layer in layers]))
        whole.output.weight.copy_(torch.cat([layer.output.weight for layer in layers], dim=1) / count)
        whole.linear.weight.copy_(torch.stack([layer.linear.weight for layer in layers]).mean(dim=0))
        return whole

    def exported(self) -> dict[str, NDArray[Any]]:
        """Return the weights by the names of `shape.weight_shapes()`."""
        return {f"features.{name}": tensor.detach().float().numpy() for name, tensor in self.state_dict().items()}
