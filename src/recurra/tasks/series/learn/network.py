"""The network for series: frames -> steps -> recurrent layers -> largest and mean state -> a linear head."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from recurra.nn.batch import Batch
from recurra.nn.dropout import LockedDropout
from recurra.nn.recurrent import Recurrent
from recurra.tasks.series.shape import SeriesShape

LEAST_DEVIATION = 1e-6


class SeriesNetwork(nn.Module):
    """The recurrent part; its outputs [B, K] are logits, or standardised numbers.

    mean, deviation: [V], which make its inputs about 0 and 1. dropout: probability of dropping a feature in training,
    between layers and before the head, half of it of the inputs.
    """

    mean: Tensor
    deviation: Tensor

    def __init__(self, shape: SeriesShape, dropout: float = 0.0) -> None:
        super().__init__()
        self.shape = shape
        self.register_buffer("mean", torch.zeros(shape.values))
        self.register_buffer("deviation", torch.ones(shape.values))
        self.recurrent = Recurrent(
            shape.cell,
            shape.inputs,
            shape.hidden,
            layers=shape.layers,
            both=shape.direction == "both",
            dropout=dropout,
        )
        self.input_dropout, self.top_dropout = LockedDropout(dropout / 2), nn.Dropout(dropout)
        self.head = nn.Linear(shape.pooled, shape.outputs)
        nn.init.zeros_(self.head.bias)

    def standardise(self, mean: NDArray[np.float32], deviation: NDArray[np.float32]) -> None:
        """Take the mean and the deviation [V] of each value in the training set."""
        self.mean.copy_(torch.from_numpy(mean))
        self.deviation.copy_(torch.from_numpy(deviation))

    def forward(self, batch: Batch) -> Tensor:
        """batch: frames [B, T, V] float32. Returns the outputs [B, K] of the recurrent part."""
        steps = self._steps(batch)
        values, index = steps.rows()  # [B * T, stack * V]
        states = self.recurrent(self._dropped(values, index), index, steps, "max_and_sum")  # [B, P]
        largest, total = states.chunk(2, dim=1)
        pooled = torch.cat([largest, total / steps.lengths[:, None]], dim=1)
        outputs: Tensor = self.head(self.top_dropout(pooled))
        return outputs

    def _dropped(self, values: Tensor, index: Tensor) -> Tensor:
        if self.shape.inputs < 2:
            return values
        dropped: Tensor = self.input_dropout(values.view(*index.shape, -1)).flatten(0, 1)
        return dropped

    def _steps(self, frames: Batch) -> Batch:
        """Return the steps [B, S, stack * V] of standardised frames; what lacks to the last one is 0."""
        standard = (frames.values - self.mean) / self.deviation * frames.mask()[:, :, None]
        stack, (rows, time, _) = self.shape.stack, standard.shape
        standard = functional.pad(standard, (0, 0, 0, -time % stack))
        lengths = torch.div(frames.lengths + stack - 1, stack, rounding_mode="floor")
        return Batch(standard.reshape(rows, -1, self.shape.inputs), lengths)
