"""From series to a trained model and its exported graph.

The network and a linear model of random convolutions learn apart. How much each of them counts is chosen on what they
say of rows that they have not learnt from: the linear model of every row by all others (`ridge.py`), the network of
each third of the rows by one that learnt from the other two, or, where there are many, of the validation rows.

Training the network on what the linear model leaves over was tried, and was worse: on JapaneseVowels 86 to 96 % where
the network alone has 97 to 98 (docs/explanation/what-was-tried.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recurra.errors import LabelError
from recurra.storage.model_directory import MODEL
from recurra.tasks.series.inputs import SeriesInputs
from recurra.tasks.series.learn.blend import Blend, blend
from recurra.tasks.series.learn.check import check
from recurra.tasks.series.learn.examples import Examples
from recurra.tasks.series.learn.folds import folds, unseen_outputs
from recurra.tasks.series.learn.graph import build
from recurra.tasks.series.learn.linear import fit_linear
from recurra.tasks.series.learn.objective import outputs_of
from recurra.tasks.series.learn.recipe import LONG_SERIES, SHORT, SHORT_SERIES, Recipe, network_shape, usual_length
from recurra.tasks.series.learn.scales import number_scale, value_scales
from recurra.tasks.series.learn.together import together
from recurra.tasks.series.options import SeriesOptions
from recurra.tasks.series.shape import Kind, SeriesShape
from recurra.training.control import UNATTENDED, RunControl
from recurra.training.fit import Fitted
from recurra.training.setup import prepare, require_rows

FEW = 2_000
"""With fewer training rows networks are trained on folds as well, to judge how good the one on all rows will be."""
CHECKED = 16
"""Validation series on which the graph is compared with the network."""

Floats = NDArray[np.float32]
Targets = NDArray[np.int64] | NDArray[np.float64]


@dataclass(frozen=True)
class Rows:
    """N series to learn from. series: [T_n, C] each, NaN where a value is missing; targets: [N], the number of the
    label, or the number to predict."""

    series: Sequence[Floats]
    targets: Targets

    def __len__(self) -> int:
        return len(self.series)


@dataclass(frozen=True, kw_only=True)
class FittedSeries(Fitted[SeriesShape]):
    """A trained model of series. blend: how much network and convolutions count; None without convolutions."""

    inputs: SeriesInputs
    blend: Blend | None


def fit_series(
    training: Rows,
    validation: Rows,
    channels: Sequence[str],
    outputs: int,
    kind: Kind,
    options: SeriesOptions,
    *,
    control: RunControl = UNATTENDED,
) -> FittedSeries:
    """Train on the `training` rows and validate with the `validation` ones. outputs: the number of labels, or 1.

    Raises TrainingError's kinds (see `errors.py`), DataError for missing values that are to be refused, and ExportError
    where the exported graph answers differently.
    """
    require_rows(len(training), len(validation), "series", "Give more series.")
    setup, known = prepare(options), len(training)
    inputs = SeriesInputs.of(channels, training.series, options.missing)
    frames = [inputs.frames(values) for values in (*training.series, *validation.series)]
    mean, deviation = value_scales(frames[:known], len(channels))
    targets = np.concatenate([training.targets, validation.targets])
    centre, scale = (0.0, 1.0) if kind == "classify" else number_scale(training.targets)
    if kind == "regress":
        targets = ((targets - centre) / scale).astype(np.float32)
    elif len(np.unique(targets)) != outputs:
        raise LabelError("Each label needs a series to learn from.")
    standard = [(values - mean) / deviation for values in frames]
    linear = fit_linear(standard, targets, outputs, kind, options)
    length = usual_length(training.series)
    shape = network_shape(inputs, length, None if linear is None else linear.convolutions, outputs, kind, options)
    recipe = Recipe(shape, SHORT_SERIES if length <= SHORT else LONG_SERIES, mean, deviation, options, setup)
    rows = Examples(frames, targets)
    learnt, held = rows.of(np.arange(known)), rows.of(np.arange(known, len(frames)))
    if linear is None:
        network, history = recipe.train(learnt, held, control)
        chosen = None
    elif known < FEW:
        said = unseen_outputs(recipe, rows, folds(targets, kind, options.seed), control)
        network, history = recipe.train(learnt, held, control)
        chosen = blend(said, linear.ridge.left_out, targets, kind)
    else:
        network, history = recipe.train(learnt, held, control)
        said = outputs_of(network, held).astype(np.float64)
        chosen = blend(said, linear.ridge.left_out[known:], held.targets, kind)
    parts = chosen or Blend(1.0, 0.0)
    weights = together(network.arrays(), linear, parts, centre, scale)
    graph = build(shape, weights)
    few = np.arange(known, len(frames))[:CHECKED]
    expected = outputs_of(network, rows.of(few)) * parts.network
    if linear is not None:
        expected = expected + linear.outputs([standard[row] for row in few]) * parts.convolutions
    check(shape, graph, weights, [frames[row] for row in few], (expected * scale + centre).astype(np.float32))
    return FittedSeries(
        shape=shape,
        inputs=inputs,
        blend=chosen,
        graphs={MODEL: graph},
        weights=weights,
        history=history,
        epochs=recipe.epochs(known),
        precision=setup.precision,
        device=setup.device.type,
    )
