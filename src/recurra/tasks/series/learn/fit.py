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
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from recurra.errors import LabelError
from recurra.storage.model_directory import MODEL
from recurra.tasks.series.convolutions import RandomConvolutions
from recurra.tasks.series.inputs import SeriesInputs
from recurra.tasks.series.learn.blend import Blend, blend_logits, blend_numbers
from recurra.tasks.series.learn.check import check
from recurra.tasks.series.learn.examples import Examples
from recurra.tasks.series.learn.fit_convolutions import fit_convolutions
from recurra.tasks.series.learn.graph import build
from recurra.tasks.series.learn.network import LEAST_DEVIATION, SeriesNetwork
from recurra.tasks.series.learn.objective import Labels, Numbers, scored
from recurra.tasks.series.learn.ridge import RidgeFit, fit_ridge
from recurra.tasks.series.options import SeriesOptions
from recurra.tasks.series.shape import Kind, SeriesShape
from recurra.training.control import UNATTENDED, RunControl
from recurra.training.epochs import EpochBudget
from recurra.training.fit import Fitted, fit_network, weight_arrays
from recurra.training.setup import Setup, prepare, require_rows, shape_errors_as_option_errors

EPOCHS = EpochBudget(rows=10_000, fewest=10, most=200)
USUAL_STEPS = 64
FOLDS, FEW = 3, 2_000
"""With fewer training rows the network is trained on all but one of so many folds as well, to judge it."""
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
    mean, deviation = _statistics(frames[:known], len(channels))
    targets = np.concatenate([training.targets, validation.targets])
    centre, scale = (0.0, 1.0) if kind == "classify" else _number_scale(training.targets)
    if kind == "regress":
        targets = ((targets - centre) / scale).astype(np.float32)
    elif len(np.unique(targets)) != outputs:
        raise LabelError("Each label needs a series to learn from.")
    standard = [(values - mean) / deviation for values in frames]
    convolutions, linear = _convolutions(standard, targets, outputs, kind, options)
    shape = network_shape(inputs, training.series, convolutions, outputs, kind, options)
    recipe = _Recipe(shape, mean, deviation, options, setup)

    def examples(rows: NDArray[np.int64]) -> Examples:
        return Examples([frames[row] for row in rows], targets[rows])

    first, last = np.arange(known), np.arange(known, len(frames))
    network, history, epochs = recipe.train(examples(first), examples(last), control)
    weights, blend = weight_arrays(network), None
    head = Blend(1.0, 0.0)
    if convolutions is not None and linear is not None:
        unseen, said = recipe.unseen(examples, first, last, network)
        left_out = linear.left_out[unseen]
        if kind == "classify":
            head = blend = blend_logits(said, left_out, np.asarray(targets[unseen], dtype=np.int64))
        else:
            head = blend = blend_numbers(said[:, 0], left_out[:, 0], targets[unseen].astype(np.float64))
        weights |= {
            "convolutions.channels": convolutions.channels,
            "convolutions.biases": convolutions.biases,
            "convolutions.widths": convolutions.widths,
            "convolutions.weight": _scaled(linear.weights.T, head.convolutions * scale),
        }
    weights["head.weight"] = _scaled(weights["head.weight"], head.network * scale)
    bias = weights["head.bias"] * head.network + (0 if linear is None else linear.bias * head.convolutions)
    weights["head.bias"] = (bias * scale + centre).astype(np.float32)
    graph = build(shape, weights)
    few = last[:CHECKED]
    expected = scored(network, examples(few), torch.device("cpu"))[0].numpy() * head.network
    if convolutions is not None and linear is not None:
        features = convolutions.of_all([standard[row] for row in few])
        expected = expected + (features @ linear.weights + linear.bias) * head.convolutions
    check(shape, graph, weights, [frames[row] for row in few], (expected * scale + centre).astype(np.float32))
    return FittedSeries(
        shape=shape,
        inputs=inputs,
        blend=blend,
        graphs={MODEL: graph},
        weights=weights,
        history=history,
        epochs=epochs,
        precision=setup.precision,
        device=setup.device.type,
    )


@dataclass(frozen=True)
class _Recipe:
    """How a network of one shape is trained."""

    shape: SeriesShape
    mean: Floats
    deviation: Floats
    options: SeriesOptions
    setup: Setup

    def train(
        self, training: Examples, validation: Examples, control: RunControl = UNATTENDED
    ) -> tuple[SeriesNetwork, list[dict[str, Any]], int]:
        """Return the trained network, on the CPU, its history, and how many epochs were asked for."""
        network = SeriesNetwork(self.shape, self.options.dropout)
        network.standardise(self.mean, self.deviation)
        network = network.to(self.setup.device)
        epochs = EPOCHS.epochs(self.options, len(training))
        objective = Labels() if self.shape.kind == "classify" else Numbers()
        history = fit_network(
            network, objective, training, validation, self.options, self.setup, epochs=epochs, control=control
        )
        return network.cpu().eval(), history, epochs

    def unseen(
        self, examples: Any, training: NDArray[np.int64], validation: NDArray[np.int64], network: SeriesNetwork
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return rows [N] and the outputs [N, K] for them of networks that have not learnt from them."""
        if len(training) >= FEW:
            return validation, scored(network, examples(validation), torch.device("cpu"))[0].double().numpy()
        rows = np.concatenate([training, validation])
        fold = np.random.default_rng(self.options.seed).permutation(len(rows)) % FOLDS
        order, outputs = [], []
        for number in range(FOLDS):
            learnt, judged = examples(rows[fold != number]), examples(rows[fold == number])
            if not len(judged):
                continue
            trained, _, _ = self.train(learnt, judged)
            order.append(rows[fold == number])
            outputs.append(scored(trained, judged, torch.device("cpu"))[0].double().numpy())
        return np.concatenate(order), np.concatenate(outputs)


def _convolutions(
    standard: Sequence[Floats], targets: NDArray[Any], outputs: int, kind: Kind, options: SeriesOptions
) -> tuple[RandomConvolutions | None, RidgeFit | None]:
    """Return convolutions of standardised frames and the linear model of their features; None where not asked for."""
    if options.convolutions == 0:
        return None, None
    convolutions = fit_convolutions(standard, np.random.default_rng(options.seed), options.convolutions)
    wanted = np.eye(outputs)[targets] * 2 - 1 if kind == "classify" else targets[:, None].astype(np.float64)
    return convolutions, fit_ridge(convolutions.of_all(standard), wanted)


def network_shape(
    inputs: SeriesInputs,
    series: Sequence[Floats],
    convolutions: RandomConvolutions | None,
    outputs: int,
    kind: Kind,
    options: SeriesOptions,
) -> SeriesShape:
    """Return the shape of a network for such series. Raises OptionError where it cannot be."""
    usual = float(np.median([len(values) for values in series]))
    with shape_errors_as_option_errors():
        return SeriesShape(
            kind=kind,
            channels=len(inputs.channels),
            masks=len(inputs.masked),
            stack=options.stack or max(1, round(usual / USUAL_STEPS)),
            cell=options.cell,
            hidden=options.hidden,
            layers=options.layers,
            direction=options.direction,
            outputs=outputs,
            dilations=() if convolutions is None else tuple(int(one) for one in convolutions.dilations),
            biases=0 if convolutions is None else convolutions.biases.shape[2],
        )


def _scaled(weight: NDArray[np.floating[Any]], factor: float) -> Floats:
    return np.ascontiguousarray(weight * factor, dtype=np.float32)


def _statistics(frames: Sequence[Floats], channels: int) -> tuple[Floats, Floats]:
    """Return the mean and the deviation [V] of each value; those of marks are 0 and 1."""
    whole = np.concatenate(frames)
    mean, deviation = whole.mean(axis=0, dtype=np.float64), whole.std(axis=0, dtype=np.float64)
    mean[channels:], deviation[channels:] = 0, 1
    flat = deviation <= LEAST_DEVIATION * np.maximum(1, np.abs(mean))
    return mean.astype(np.float32), np.where(flat, 1, deviation).astype(np.float32)


def _number_scale(targets: Targets) -> tuple[float, float]:
    """Return the mean and the deviation of training targets, which standardise them; 1 where all are equal."""
    deviation = float(np.std(targets))
    return float(np.mean(targets)), deviation if deviation > 0 else 1.0
