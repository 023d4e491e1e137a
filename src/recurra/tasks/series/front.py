"""The convolutions before the recurrent layers of a model of series, in NumPy.

Each reads an odd number of steps, at the middle of which its output stands, and what it puts out below 0 becomes 0.
Beyond both ends a series is taken to be 0, and beyond the end the outputs are 0 too, so that padding changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from recurra.inference.kernel_layers import Weights
from recurra.tasks.series.shape import SeriesShape

Floats = NDArray[np.float32]


class Answer(NamedTuple):
    """What the front makes of a batch.

    steps: [B, S, D], the largest outputs of the last convolution in each pool, which the recurrent layers read; counts:
    [B], how many of them are real; pooled: [B, 2 * D], the largest and the mean output over the whole series.
    """

    steps: Floats
    counts: NDArray[np.int64]
    pooled: Floats


@dataclass(frozen=True)
class Front:
    """Convolutions with their strides, and a pool. weights: [in * width, out] each; biases: [out] each."""

    widths: tuple[int, ...]
    strides: tuple[int, ...]
    pool: int
    weights: tuple[Floats, ...]
    biases: tuple[Floats, ...]

    @classmethod
    def of(cls, shape: SeriesShape, weights: Weights) -> Front:
        """Return the front among the weights of a model: see `SeriesShape.weight_shapes`."""
        numbers = range(len(shape.front))
        flat = (weights[f"front.{number}.weight"].reshape(shape.front[number][1], -1) for number in numbers)
        return cls(
            tuple(width for width, _, _ in shape.front),
            tuple(stride for _, _, stride in shape.front),
            shape.pool,
            tuple(np.ascontiguousarray(weight.T) for weight in flat),
            tuple(weights[f"front.{number}.bias"] for number in numbers),
        )

    def __call__(self, x: Floats, lengths: NDArray[np.int64]) -> Answer:
        """x: standardised frames [B, T, V], 0 beyond a row's length; lengths: [B], from 1 to T."""
        for width, stride, weight, bias in zip(self.widths, self.strides, self.weights, self.biases, strict=True):
            reach = width // 2
            windows = sliding_window_view(np.pad(x, ((0, 0), (reach, reach), (0, 0))), width, axis=1)[:, ::stride]
            batch, time = windows.shape[:2]  # [B, T, in, width]
            x = (windows.reshape(batch * time, -1) @ weight + bias).reshape(batch, time, -1)
            lengths = -(-lengths // stride)
            x = np.where((np.arange(time) < lengths[:, None])[:, :, None], np.maximum(x, 0), np.float32(0))
        pooled = np.concatenate([x.max(axis=1), x.sum(axis=1) / lengths[:, None].astype(np.float32)], axis=1)
        x = np.pad(x, ((0, 0), (0, -x.shape[1] % self.pool), (0, 0)))
        steps = x.reshape(len(x), -1, self.pool, x.shape[2]).max(axis=2)
        return Answer(np.ascontiguousarray(steps), -(-lengths // self.pool), pooled)
