"""Poolings: from a vector for each step to one for the sequence."""

from __future__ import annotations

from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn


class Pooling(nn.Module, ABC):
    """A pooling of F features over time. The top layer has already reduced its states by `REDUCTIONS`."""

    def __init__(self, features: int) -> None:
        super().__init__()

    @abstractmethod
    def forward(self, x: Tensor, lengths: Tensor, mask: Tensor) -> Tensor:
        """Return one vector [B, P] for each sequence.

        x: the reduction that `REDUCTIONS` names, [B, F or 2F], or the states [B, T, F]; lengths: [B]; mask: [B, T],
        True at real steps.
        """


class LastPooling(Pooling):
    """The last state of each direction: forward at length - 1, backward at 0. x: [B, F] -> [B, F]."""

    def forward(self, x: Tensor, lengths: Tensor, mask: Tensor) -> Tensor:
        return x


class MaxPooling(Pooling):
    """The maximum of each feature over the real steps. x: [B, F] -> [B, F]."""

    def forward(self, x: Tensor, lengths: Tensor, mask: Tensor) -> Tensor:
        return x


class MeanPooling(Pooling):
    """The mean over the real steps. x: [B, F], the sum -> [B, F]."""

    def forward(self, x: Tensor, lengths: Tensor, mask: Tensor) -> Tensor:
        return x / lengths[:, None]


class MaxMeanPooling(Pooling):
    """The maximum and the mean of each feature over the real steps. x: [B, 2F], maximum and sum -> [B, 2F].

    The maximum detects a feature anywhere in a text, the mean measures how much of the text has it. Source: Howard and
    Ruder, 2018, Universal language model fine-tuning for text classification (there with the last state as well).
    """

    def forward(self, x: Tensor, lengths: Tensor, mask: Tensor) -> Tensor:
        maximum, total = x.chunk(2, dim=-1)  # [B, F] each
        return torch.cat([maximum, total / lengths[:, None]], dim=-1)


class AttentionPooling(Pooling):
    """A mean with trained weights (Yang et al., 2016: Hierarchical attention networks for document classification).

    x: [B, T, F] -> [B, F]: sum_t weight_t h_t, where weight_t = softmax_t(v . tanh(W h_t + b)) over the real steps.
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
