"""From one vector a step to one vector a sequence."""

from __future__ import annotations

from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn


class Pooling(nn.Module, ABC):
    """x, lengths [B], mask [B, T] (True at real steps) -> [B, P]. x: [B, T, F], or what `PICKS` asks of it."""

    def __init__(self, features: int) -> None:
        super().__init__()

    @abstractmethod
    def forward(self, x: Tensor, lengths: Tensor, mask: Tensor) -> Tensor:
        """Return one vector a sequence."""


class LastPooling(Pooling):
    """The state of each direction after it has read everything: forward at length - 1, backward at 0."""

    def forward(self, x: Tensor, lengths: Tensor, mask: Tensor) -> Tensor:
        return x


class MaxPooling(Pooling):
    """The largest value of each feature over the real steps."""

    def forward(self, x: Tensor, lengths: Tensor, mask: Tensor) -> Tensor:
        return x


class MeanPooling(Pooling):
    """The mean over the real steps."""

    def forward(self, x: Tensor, lengths: Tensor, mask: Tensor) -> Tensor:
        return x / lengths[:, None]


class MaxMeanPooling(Pooling):
    """The largest value of each feature over the real steps, and beside it the mean: twice as many features.

    What stands anywhere in a text counts, and so does how much of the text speaks so. Source: Howard and Ruder, 2018,
    Universal language model fine-tuning for text classification (there with the last state as well).
    """

    def forward(self, x: Tensor, lengths: Tensor, mask: Tensor) -> Tensor:
        largest, total = x.chunk(2, dim=-1)  # [B, F] each
        return torch.cat([largest, total / lengths[:, None]], dim=-1)


class AttentionPooling(Pooling):
    """A learnt weighted mean (Yang et al., 2016: Hierarchical attention networks for document classification).

    weight_t = softmax_t(v . tanh(W h_t + b)) over the real steps
    """

    def __init__(self, features: int) -> None:
        super().__init__(features)
        self.projection = nn.Linear(features, features)
        self.score = nn.Linear(features, 1, bias=False)

    def forward(self, x: Tensor, lengths: Tensor, mask: Tensor) -> Tensor:
        scores = self.score(torch.tanh(self.projection(x))).squeeze(-1)  # [B, T]
        scores = scores.to(torch.promote_types(scores.dtype, torch.float32))  # bfloat16 is too coarse for a softmax
        weights = scores.masked_fill(~mask, -torch.inf).softmax(-1).to(x.dtype)
        pooled: Tensor = weights[:, None, :] @ x.masked_fill(~mask[:, :, None], 0)  # [B, 1, F]
        return pooled.squeeze(1)


POOLINGS: dict[str, type[Pooling]] = {
    "last": LastPooling,
    "mean": MeanPooling,
    "max": MaxPooling,
    "max-mean": MaxMeanPooling,
    "attention": AttentionPooling,
}
