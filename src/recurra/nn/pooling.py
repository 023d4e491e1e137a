"""From one vector a step to one vector a sequence."""

from __future__ import annotations

from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn


class Pooling(nn.Module, ABC):
    """x [B, T, F], lengths [B], mask [B, T] (True at real steps) -> [B, F]."""

    def __init__(self, features: int, both: bool) -> None:
        super().__init__()
        self.both = both

    @abstractmethod
    def forward(self, x: Tensor, lengths: Tensor, mask: Tensor) -> Tensor:
        """Return one vector a sequence."""


class LastPooling(Pooling):
    """The state of each direction after it has read everything: forward at length - 1, backward at 0."""

    def forward(self, x: Tensor, lengths: Tensor, mask: Tensor) -> Tensor:
        final = x[torch.arange(len(x), device=x.device), lengths - 1]  # [B, F]
        if not self.both:
            return final
        half = x.shape[-1] // 2
        return torch.cat([final[:, :half], x[:, 0, half:]], dim=-1)


class MeanPooling(Pooling):
    """The mean over the real steps."""

    def forward(self, x: Tensor, lengths: Tensor, mask: Tensor) -> Tensor:
        return x.masked_fill(~mask[:, :, None], 0).sum(1) / lengths[:, None]


class MaxPooling(Pooling):
    """The largest value of each feature over the real steps."""

    def forward(self, x: Tensor, lengths: Tensor, mask: Tensor) -> Tensor:
        return x.masked_fill(~mask[:, :, None], -torch.inf).amax(1)


class AttentionPooling(Pooling):
    """A learnt weighted mean (Yang et al., 2016: Hierarchical attention networks for document classification).

    weight_t = softmax_t(v . tanh(W h_t + b)) over the real steps
    """

    def __init__(self, features: int, both: bool) -> None:
        super().__init__(features, both)
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
    "attention": AttentionPooling,
}
