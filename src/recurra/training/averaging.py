"""The average of a network's weights over the last steps of training, which errs less than any single step's.

An exponential moving average: after each step, average = d average + (1 - d) weights, where the decay d is smaller at
first, so that the random weights of the beginning are soon forgotten. Sources: Polyak and Juditsky, 1992, Acceleration
of stochastic approximation by averaging; the decay of the first steps is that of TensorFlow's ExponentialMovingAverage.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import get_ema_multi_avg_fn


class WeightAverage:
    """The moving average of the parameters of `network` that are trained.

    decay: the share of the average that a step keeps, 0 <= decay < 1; with 0 nothing is averaged, nor kept in memory.
    """

    def __init__(self, network: nn.Module, decay: float) -> None:
        self.decay = decay
        trained = ((name, weight) for name, weight in network.named_parameters() if weight.requires_grad)
        parameters = dict(trained) if decay else {}
        self._names = list(parameters)
        self._weights: list[Tensor] = list(parameters.values())
        self._averages = [weight.detach().clone() for weight in self._weights]

    @torch.no_grad()
    def update(self, step: int) -> None:
        """Take in the weights after `step` steps, from 1 on."""
        if self._averages:
            decay = min(self.decay, step / (step + 9))
            get_ema_multi_avg_fn(decay)(self._averages, self._weights, None)  # type: ignore[no-untyped-call]

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Give the network its averaged weights inside the block, and its own afterwards."""
        own = [weight.detach().clone() for weight in self._weights]
        self._set(self._averages)
        try:
            yield
        finally:
            self._set(own)

    def tensors(self) -> dict[str, Tensor]:
        """Return the averages by the names of the parameters."""
        return dict(zip(self._names, self._averages, strict=True))

    def restore(self, tensors: Mapping[str, Tensor]) -> None:
        """Continue from what `tensors` returned.

        Raises KeyError where one is missing, RuntimeError where one has another shape.
        """
        for name, average in self.tensors().items():
            average.copy_(tensors[name])

    @torch.no_grad()
    def _set(self, values: list[Tensor]) -> None:
        for weight, value in zip(self._weights, values, strict=True):
            weight.copy_(value)
