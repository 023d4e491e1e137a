"""Random convolutions of a series, in the manner of MiniRocket: thousands of features that a linear model reads.

A convolution slides a kernel of nine values, three of them 2 and six of them -1, over the series, its places `dilation`
steps apart; there are 84 such kernels. Of each, some features say for what share of the steps its output is above a
bias. Beyond both ends the series is taken to be 0, which is the mean of a standardised channel.

MiniRocket counts steps above the bias, which rounding can change; here a step near the bias counts in part, so that the
same series gives the same features to the last digits wherever it is computed. Source: Dempster, Schmidt and Webb,
2021, MiniRocket: a very fast (almost) deterministic transform for time series classification.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

LENGTH = 9
"""Values in a kernel."""
TRIPLES = np.array(list(combinations(range(LENGTH), 3)))
"""[84, 3]: where each kernel has a 2."""
KERNELS = len(TRIPLES)


def base_kernels() -> Floats:
    """Return the kernels [84, 9]; each adds up to 0."""
    kernels = np.full((KERNELS, LENGTH), -1, dtype=np.float32)
    np.put_along_axis(kernels, TRIPLES, 2, axis=1)
    return kernels


@dataclass(frozen=True)
class RandomConvolutions:
    """Convolutions with their biases.

    dilations: [D] int32, rising. channels: [D, 84, V] of 0 and 1, those that each convolution adds up. biases: [D, 84,
    F]. widths: [D, 84], > 0: a step counts in part where its output is within half of it from a bias.
    """

    dilations: NDArray[np.int32]
    channels: Floats
    biases: Floats
    widths: Floats

    @classmethod
    def of(cls, dilations: Sequence[int], weights: Mapping[str, Floats]) -> RandomConvolutions:
        """Return those among the weights of a model: see `SeriesShape.weight_shapes`."""
        channels, biases, widths = (weights[f"convolutions.{name}"] for name in ("channels", "biases", "widths"))
        return cls(np.array(dilations, dtype=np.int32), channels, biases, widths)

    @property
    def features(self) -> int:
        """The number of features: D * 84 * F."""
        return self.biases.size

    @cached_property
    def weights(self) -> list[Floats]:
        """The convolutions of each dilation [84, V, 9]."""
        kernels = base_kernels()
        return [chosen[:, :, None] * kernels[:, None, :] for chosen in self.channels]

    def outputs(self, values: Floats, place: int) -> Floats:
        """Return the outputs [84, T] of the convolutions of one dilation, by its place. values: [T, V]."""
        return convolve(values, self.weights[place], int(self.dilations[place]))

    def __call__(self, values: Floats) -> Floats:
        """Return the features [D * 84 * F], from 0 to 1, of values [T, V], T >= 1."""
        found = np.empty(self.biases.shape, dtype=np.float32)
        for place, (biases, widths) in enumerate(zip(self.biases, self.widths, strict=True)):
            scaled = self.outputs(values, place) / widths[:, None]  # [84, T]
            for feature, bias in enumerate((biases / widths[:, None]).T):
                above = scaled - (bias[:, None] - np.float32(0.5))
                found[place, :, feature] = np.clip(above, 0, 1, out=above).mean(axis=1)
        return found.ravel()

    def of_all(self, series: Sequence[Floats]) -> Floats:
        """Return the features [N, D * 84 * F] of several series [T_n, V]."""
        return np.stack([self(values) for values in series])


def convolve(values: Floats, weights: Floats, dilation: int) -> Floats:
    """Return outputs [84, T] of values [T, V]. weights: [84, V, 9], the middle one of the nine at the step itself."""
    steps, _ = values.shape
    reach = LENGTH // 2 * dilation
    padded = np.pad(values, ((reach, reach), (0, 0)))
    shifted = np.stack([padded[place * dilation : place * dilation + steps] for place in range(LENGTH)])  # [9, T, V]
    columns = shifted.transpose(2, 0, 1).reshape(-1, steps)  # [V * 9, T]
    return np.asarray(weights.reshape(KERNELS, -1) @ columns)
