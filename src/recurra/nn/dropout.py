"""Dropout along a sequence."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class LockedDropout(nn.Module):
    """Drop the same features of a sequence at every step.

    Kinder to a recurrence than dropping anew at each step, and T times fewer random numbers.
    Source: Gal and Ghahramani, 2016, A theoretically grounded application of dropout in recurrent neural networks.
    """

    def __init__(self, share: float) -> None:
        super().__init__()
        self.share = share

    def forward(self, x: Tensor) -> Tensor:
        """x: [B, T, F]"""
        if not self.training or self.share == 0:
            return x
        kept = torch.empty(x.shape[0], 1, x.shape[2], dtype=x.dtype, device=x.device).bernoulli_(1 - self.share)
        return x * (kept / (1 - self.share))
