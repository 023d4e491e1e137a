"""The network for series: frames -> convolutions -> recurrent layers -> a linear head of both."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from recurra.nn.batch import Batch
from recurra.nn.recurrent import Recurrent
from recurra.tasks.series.learn.augment import Augmentation
from recurra.tasks.series.learn.front import Front
from recurra.tasks.series.shape import SeriesShape


class SeriesNetwork(nn.Module):
    """All but the random convolutions; its outputs [B, K] are logits, or standardised numbers.

    mean, deviation: [V], which make its inputs about 0 and 1. dropout: probability of dropping a feature in training,
    between recurrent layers and before the head. noise: see `Augmentation`.
    """

    mean: Tensor
    deviation: Tensor

    def __init__(self, shape: SeriesShape, dropout: float = 0.0, noise: float = 0.0) -> None:
        super().__init__()
        self.shape = shape
        self.register_buffer("mean", torch.zeros(shape.values))
        self.register_buffer("deviation", torch.ones(shape.values))
        self.augmentation = Augmentation(shape.channels, noise)
        self.front = Front(shape)
        self.recurrent = Recurrent(
            shape.cell,
            shape.inputs,
            shape.hidden,
            layers=shape.layers,
            both=shape.direction == "both",
            dropout=dropout,
        )
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(shape.pooled, shape.outputs)
        nn.init.zeros_(self.head.bias)

    def standardise(self, mean: NDArray[np.float32], deviation: NDArray[np.float32]) -> None:
        """Take the mean and the deviation [V] of each value in the training set."""
        self.mean.copy_(torch.from_numpy(mean))
        self.deviation.copy_(torch.from_numpy(deviation))

    def forward(self, batch: Batch) -> Tensor:
        """batch: frames [B, T, V] float32. Returns the outputs [B, K]."""
        standard = (batch.values - self.mean) / self.deviation * batch.mask()[:, :, None]
        front = self.front(*self.augmentation(standard, batch.lengths))
        steps = Batch(front.steps, front.counts)
        values, index = steps.rows()  # [B * S, D]
        states = self.recurrent(values, index, steps, "max_and_sum")  # [B, 2F]
        largest, total = states.chunk(2, dim=1)
        pooled = torch.cat([largest, total / steps.lengths[:, None], front.pooled], dim=1)
        outputs: Tensor = self.head(self.dropout(pooled))
        return outputs

    def arrays(self) -> dict[str, NDArray[np.float32]]:
        """Return the weights by the names of `SeriesShape.weight_shapes`; the network must be on the CPU."""
        plain = {name: weight for name, weight in self.state_dict().items() if not name.startswith("front.")}
        return {name: weight.detach().float().numpy().copy() for name, weight in (plain | self.front.arrays()).items()}
