"""The network that forecasts: several recurrent members that read a window, and answer all segments of the horizon."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn

from recurra.nn.batch import Batch
from recurra.nn.dropout import LockedDropout
from recurra.nn.recurrent import Recurrent
from recurra.tasks.forecast.band import USUAL
from recurra.tasks.forecast.engines import NARROWEST, WIDEST
from recurra.tasks.forecast.shape import QUANTILES, ForecastShape

FIRST = math.log(USUAL)
"""The logarithm of the distance of the outer quantiles at first."""


class Windows(NamedTuple):
    """frames: [B, K, segment * channels]; known: [B, J, N]: see `windows.Window`."""

    frames: Tensor
    known: Tensor


class ForecastNetwork(nn.Module):
    """dropout: of the inputs and of states, in training; noise: standard deviation of what is added to the values and
    errors that are read, in training."""

    def __init__(self, shape: ForecastShape, dropout: float = 0.0, noise: float = 0.0) -> None:
        super().__init__()
        self.shape, self.noise = shape, noise
        self.members = nn.ModuleList(_Member(shape, dropout) for _ in range(shape.members))

    def forward(self, windows: Windows) -> Tensor:
        """Return the quantiles [M, B, H, 3] of each member in training; their mean [B, H, 3] otherwise."""
        answers = torch.stack([member(self._noisy(windows.frames), windows.known) for member in self.members])
        return answers if self.training else answers.mean(dim=0)

    def _noisy(self, frames: Tensor) -> Tensor:
        if not self.training or not self.noise:
            return frames
        by_step = frames.view(*frames.shape[:2], self.shape.segment, self.shape.channels)
        moved = by_step.clone()
        moved[..., :2] += self.noise * torch.randn_like(moved[..., :2])
        return moved.view(frames.shape)


class _Member(nn.Module):
    def __init__(self, shape: ForecastShape, dropout: float) -> None:
        super().__init__()
        hidden = shape.hidden
        self.horizon = shape.horizon
        self.recurrent = Recurrent(shape.cell, shape.inputs, hidden, layers=shape.layers, both=False, dropout=dropout)
        self.input_dropout, self.dropout = LockedDropout(dropout), nn.Dropout(dropout)
        self.state = nn.Linear(hidden, hidden)
        self.position = nn.Parameter(0.3 * torch.randn(shape.ahead, hidden))
        self.known = nn.Linear(shape.known, hidden, bias=False)
        self.head = nn.Linear(hidden, shape.outputs)
        with torch.no_grad():  # at first the anchor is right on average, and its errors are normal
            self.head.weight.zero_()
            self.head.bias.copy_(torch.tensor([FIRST, 0.0, FIRST]).repeat(shape.segment))

    def forward(self, frames: Tensor, known: Tensor) -> Tensor:
        """Return the quantiles [B, H, 3]."""
        count, steps, _ = frames.shape
        lengths = torch.full((count,), steps, dtype=torch.int64, device=frames.device)
        batch = Batch(self.input_dropout(frames), lengths)
        values, index = batch.rows()
        last = self.recurrent(values, index, batch, "last")  # [B, H']
        state = self.state(self.dropout(last))[:, None]
        segments = torch.tanh(state + (self.known(known) + self.position))  # [B, J, H']
        answers = self.head(self.dropout(segments)).reshape(count, -1, QUANTILES)[:, : self.horizon]
        middle = answers[..., 1]
        below, above = (torch.exp(answers[..., place].clamp(NARROWEST, WIDEST)) for place in (0, 2))
        return torch.stack([middle - below, middle, middle + above], dim=-1)
