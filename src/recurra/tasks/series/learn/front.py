"""The convolutions before the recurrent layers while they learn: batch normalisation over the real steps alone.

Source: Ioffe and Szegedy, 2015, Batch normalization. Once learnt, the normalisation is a part of the weights.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from recurra.tasks.series.shape import SeriesShape

EPSILON = 1e-5
MOMENTUM = 0.1
"""Share of a batch in the running mean and variance."""


class Answer(NamedTuple):
    """What the front makes of a batch: see `recurra.tasks.series.front.Answer`."""

    steps: Tensor
    counts: Tensor
    pooled: Tensor


class ConvolutionLayer(nn.Module):
    """A convolution, batch normalisation and ReLU; outputs beyond the end of a series are 0.

    mean, variance: [out], running, of the convolution's outputs; used once the network no longer learns.
    """

    mean: Tensor
    variance: Tensor

    def __init__(self, inputs: int, width: int, filters: int, stride: int) -> None:
        super().__init__()
        self.stride = stride
        self.weight = nn.Parameter(nn.init.kaiming_uniform_(torch.empty(filters, inputs, width), nonlinearity="relu"))
        self.scale = nn.Parameter(torch.ones(filters))
        self.offset = nn.Parameter(torch.zeros(filters))
        self.register_buffer("mean", torch.zeros(filters))
        self.register_buffer("variance", torch.ones(filters))

    def folded(self) -> tuple[Tensor, Tensor]:
        """Return the weight [out, in, width] and the bias [out] of the convolution with its normalisation in it."""
        factor = self.scale * torch.rsqrt(self.variance + EPSILON)
        return self.weight * factor[:, None, None], self.offset - self.mean * factor

    def forward(self, x: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """x: [B, in, T], 0 beyond a row's length; lengths: [B]. Returns [B, out, ceil(T / stride)] and its lengths."""
        weight, bias = (self.weight, None) if self.training else self.folded()
        x = functional.conv1d(x, weight, bias, self.stride, weight.shape[2] // 2)
        lengths = torch.div(lengths + self.stride - 1, self.stride, rounding_mode="floor")
        if int(lengths.min()) == x.shape[2]:  # no padding
            return functional.relu(self._normalised(x) if self.training else x), lengths
        mask = (torch.arange(x.shape[2], device=x.device) < lengths[:, None])[:, None].to(x.dtype)  # [B, 1, T]
        if self.training:
            x = self._normalised_within(x, mask)
        return functional.relu(x) * mask, lengths

    def _normalised(self, x: Tensor) -> Tensor:
        if x.shape[0] * x.shape[2] == 1:  # one value has no variance, which torch refuses
            return self._normalised_within(x, torch.ones_like(x[:, :1]))
        return functional.batch_norm(
            x, self.mean, self.variance, self.scale, self.offset, training=True, momentum=MOMENTUM, eps=EPSILON
        )

    def _normalised_within(self, x: Tensor, mask: Tensor) -> Tensor:
        """Return what `_normalised` does, over the steps that count. mask: [B, 1, T], 1 for those."""
        count = mask.sum()
        mean = (x * mask).sum((0, 2)) / count
        centred = x - mean[:, None]
        variance = (centred.square() * mask).sum((0, 2)) / count
        with torch.no_grad():
            self.mean.lerp_(mean, MOMENTUM)
            self.variance.lerp_(variance * count / (count - 1).clamp(min=1), MOMENTUM)
        return centred * (self.scale * torch.rsqrt(variance + EPSILON))[:, None] + self.offset[:, None]


class Front(nn.Module):
    """The convolutions of a shape, and its pool."""

    def __init__(self, shape: SeriesShape) -> None:
        super().__init__()
        self.pool = shape.pool
        inputs = [shape.values, *(filters for _, filters, _ in shape.front)]
        self.layers = nn.ModuleList(
            ConvolutionLayer(width_in, width, filters, stride)
            for width_in, (width, filters, stride) in zip(inputs, shape.front, strict=False)
        )

    def forward(self, x: Tensor, lengths: Tensor) -> Answer:
        """x: standardised frames [B, T, V], 0 beyond a row's length; lengths: [B]."""
        with torch.autocast(x.device.type, enabled=False):
            x = x.transpose(1, 2)
            for layer in self.layers:
                x, lengths = layer(x, lengths)
            pooled = torch.cat([x.amax(2), x.sum(2) / lengths[:, None]], dim=1)
            steps = functional.max_pool1d(x, self.pool, ceil_mode=True).transpose(1, 2)  # [B, S, D]
        return Answer(steps, torch.div(lengths + self.pool - 1, self.pool, rounding_mode="floor"), pooled)

    def arrays(self) -> dict[str, Tensor]:
        """Return the weights by the names of `SeriesShape.front_shapes`."""
        found: dict[str, Tensor] = {}
        for number, layer in enumerate(self.layers):
            assert isinstance(layer, ConvolutionLayer)
            weight, bias = layer.folded()
            found |= {f"front.{number}.weight": weight, f"front.{number}.bias": bias}
        return found
