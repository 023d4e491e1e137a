"""How a network for series is trained: its shape for the data, and what suits few rows of it.

Series of up to `SHORT` frames have one convolution before the recurrent layers, longer ones three and a pool, so that
about `STEPS` steps are left. All were chosen on folds of training parts (docs/explanation/what-was-tried.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from recurra.tasks.series.convolutions import RandomConvolutions
from recurra.tasks.series.inputs import SeriesInputs
from recurra.tasks.series.learn.examples import Examples
from recurra.tasks.series.learn.network import SeriesNetwork
from recurra.tasks.series.learn.objective import Labels, Numbers
from recurra.tasks.series.options import SeriesOptions
from recurra.tasks.series.shape import MOST_FRAMES, WIDEST, Kind, SeriesShape
from recurra.training.control import RunControl
from recurra.training.fit import fit_network
from recurra.training.setup import Setup, shape_errors_as_option_errors

SHORT, STEPS, LONGEST = 64, 48, 400
"""Frames of a usual series that is short; steps of the recurrent layers for one that is not; outputs of the first
convolution, which has a stride for longer series."""
FEWEST = 10
"""Epochs, of however many rows."""

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Settings:
    """What depends on how long series are. dropout: where the options name none; steps: of training, about, where rows
    are few."""

    dropout: float
    noise: float
    steps: int


SHORT_SERIES = Settings(dropout=0.5, noise=0.1, steps=400)
LONG_SERIES = Settings(dropout=0.3, noise=0.05, steps=250)


def usual_length(series: Sequence[Floats]) -> int:
    """Return the median length of series [T_n, C]."""
    return int(np.median([len(values) for values in series]))


def network_shape(
    inputs: SeriesInputs,
    length: int,
    convolutions: RandomConvolutions | None,
    outputs: int,
    kind: Kind,
    options: SeriesOptions,
) -> SeriesShape:
    """Return the shape of a network for series of such a usual length. Raises OptionError where it cannot be."""
    stride = min(MOST_FRAMES, -(-length // LONGEST))
    first = min(WIDEST, max(9, stride | 1))  # odd, and no frame is left out
    long = ((first, 32, stride), (5, 64, 1), (3, 64, 1))
    with shape_errors_as_option_errors():
        return SeriesShape(
            kind=kind,
            channels=len(inputs.channels),
            masks=len(inputs.masked),
            front=((3, 64, 1),) if length <= SHORT else long,
            pool=1 if length <= SHORT else min(MOST_FRAMES, -(-length // (stride * STEPS))),
            cell=options.cell,
            hidden=options.hidden,
            layers=options.layers,
            direction=options.direction,
            outputs=outputs,
            dilations=() if convolutions is None else tuple(int(one) for one in convolutions.dilations),
            biases=0 if convolutions is None else convolutions.biases.shape[2],
        )


@dataclass(frozen=True)
class Recipe:
    """How networks of one shape are trained. mean, deviation: [V], see `SeriesNetwork`."""

    shape: SeriesShape
    settings: Settings
    mean: Floats
    deviation: Floats
    options: SeriesOptions
    setup: Setup

    def epochs(self, rows: int, share: float = 1.0) -> int:
        """Return how many times so many training rows are read. share: of the usual steps."""
        batches = -(-rows // self.options.batch)
        usual = self.options.epochs or max(FEWEST, -(-self.settings.steps // batches))
        return max(1, round(share * usual))

    def train(
        self, training: Examples, validation: Examples, control: RunControl, share: float = 1.0
    ) -> tuple[SeriesNetwork, list[dict[str, Any]]]:
        """Return a trained network, on the CPU, and its history. share: of the usual steps."""
        torch.manual_seed(self.options.seed)  # whatever was trained before
        dropout = self.settings.dropout if self.options.dropout is None else self.options.dropout
        network = SeriesNetwork(self.shape, dropout, self.settings.noise)
        network.standardise(self.mean, self.deviation)
        history = fit_network(
            network.to(self.setup.device),
            Labels() if self.shape.kind == "classify" else Numbers(),
            training,
            validation,
            self.options,
            self.setup,
            epochs=self.epochs(len(training), share),
            control=control,
        )
        return network.cpu().eval(), history
