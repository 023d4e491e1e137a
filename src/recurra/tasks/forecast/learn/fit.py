"""From histories to a trained model and its exported graph.

The last part of each history is first kept back: a network learns from what is before it, and says on the rolling
origins in it how much it should count beside the anchor, for each series. How wide the band must be is said by all
origins, those that were learnt from as well. Then a second network learns from all of it, for as many epochs, and is
the one that is kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike

from recurra.errors import DataError, OptionError
from recurra.storage.model_directory import MODEL
from recurra.tasks.forecast.anchor import Anchor, anchored
from recurra.tasks.forecast.band import corrected
from recurra.tasks.forecast.history import Floats, History, checked
from recurra.tasks.forecast.inputs import KINDS, ForecastInputs, covariates
from recurra.tasks.forecast.learn.calibrate import LEARNT, band_factor
from recurra.tasks.forecast.learn.check import check
from recurra.tasks.forecast.learn.examples import Examples, examples, some_steps
from recurra.tasks.forecast.learn.graph import build
from recurra.tasks.forecast.learn.network import ForecastNetwork
from recurra.tasks.forecast.learn.objective import Pinball, answers
from recurra.tasks.forecast.learn.shares import Shares, chosen_shares
from recurra.tasks.forecast.options import ForecastOptions
from recurra.tasks.forecast.shape import ForecastShape
from recurra.training.control import UNATTENDED, RunControl
from recurra.training.epochs import EpochBudget
from recurra.training.fit import Fitted, fit_network, weight_arrays
from recurra.training.setup import Setup, prepare, shape_errors_as_option_errors

EPOCHS = EpochBudget(rows=20_000, fewest=2, most=200)
MOST_WINDOWS = 100_000
"""Of more windows, so many are drawn at random."""
NOISE = 0.1
HORIZONS = 4
"""So many horizons at the end of each history are kept back at first, or the share of it that is for validation where
they are fewer steps."""
FEWEST = 24
"""With fewer windows before that part the network counts for nothing."""
EARLIEST = 6
"""Steps before the first window, at least; two seasons otherwise."""
USUAL_SEGMENTS, USUAL_STEPS = 8, 96
"""Segments that are read; fewer where they would be more steps, but two seasons at least."""
CHECKED = 16
"""Windows on which the graph is compared with the network."""


@dataclass(frozen=True, kw_only=True)
class FittedForecast(Fitted[ForecastShape]):
    """A trained model that forecasts. shares: how much the network counts, see `Shares`; windows: it learnt from."""

    inputs: ForecastInputs
    shares: Shares
    windows: int


def fit_forecast(
    histories: Sequence[ArrayLike | History],
    season: int,
    options: ForecastOptions,
    *,
    names: Mapping[str, Sequence[str]] | None = None,
    control: RunControl = UNATTENDED,
) -> FittedForecast:
    """Train on histories of one frequency, a value for each step, NaN where one is missing.

    season: steps until a season comes again, 1 for none. options.horizon: steps to forecast. names: of the covariates
    by kind, `past`, `future` and `static`, that every history has.
    Raises DataError for what is no such series or no series at all, OptionError for a network that cannot be, the
    kinds of TrainingError, and ExportError where the exported graph answers differently.
    """
    known = [checked(history) for history in histories]
    if not known:
        raise DataError("There is no series to learn from.")
    inputs = _inputs(known, season, names or {})
    for history in known:
        inputs.check(history, 0)
    shape = network_shape(inputs, options)
    setup = prepare(options)
    anchors = [anchored(history.values, season, shape.horizon) for history in known]
    recipe = _Recipe(shape, inputs, known, anchors, options, setup)
    everything = recipe.windows([len(one) for one in known])
    shares, band, epochs, history_ = recipe.judge(everything, control)
    named = {one.name: float(share) for one, share in zip(known, shares.own, strict=True) if one.name is not None}
    inputs = inputs.model_copy(update={"share": shares.general, "shares": named, "band": band, "learnt": LEARNT})
    network = ForecastNetwork(shape, options.dropout, NOISE)
    if epochs and len(everything):
        unwatched = replace(recipe, options=options.model_copy(update={"patience": None, "keep": "last"}))
        network, _ = unwatched.train(everything, everything, epochs)
    weights = weight_arrays(network)
    graph = build(shape, weights)
    few = recipe.latest(CHECKED)
    expected = answers(network, few, torch.device("cpu")).numpy()
    check(shape, graph, weights, few.frames, few.known, expected)
    return FittedForecast(
        shape=shape,
        inputs=inputs,
        shares=shares,
        windows=len(everything),
        graphs={MODEL: graph},
        weights=weights,
        history=history_,
        epochs=epochs,
        precision=setup.precision,
        device=setup.device.type,
    )


def kept_back(length: int, options: ForecastOptions) -> int:
    """Return how many steps at the end of a history of so many are not learnt from at first, but judged on."""
    return min(HORIZONS * options.horizon, int(options.valid * length))


def network_shape(inputs: ForecastInputs, options: ForecastOptions) -> ForecastShape:
    """Return the shape of a network. Raises OptionError where it cannot be."""
    segment = options.segment or usual_segment(inputs.season, options.horizon)
    fits = max(2 * inputs.season, USUAL_STEPS) // segment
    with shape_errors_as_option_errors():
        return ForecastShape(
            segment=segment,
            segments=options.segments or max(2, min(USUAL_SEGMENTS, fits)),
            horizon=options.horizon,
            cell=options.cell,
            hidden=options.hidden,
            layers=options.layers,
            members=options.members,
            past=len(inputs.past.names),
            future=len(inputs.future.names),
            static=len(inputs.static.names),
        )


def usual_segment(season: int, horizon: int) -> int:
    """Return the steps of a segment: a season, or where it is none or longer than the horizon, half a horizon."""
    if 1 < season <= max(horizon, 2):
        return season
    return max(1, -(-horizon // 2)) if season == 1 else max(1, horizon)


def _inputs(histories: Sequence[History], season: int, names: Mapping[str, Sequence[str]]) -> ForecastInputs:
    if season < 1:
        raise OptionError(f"--season {season} cannot be: it is 1 for no season, or the steps of one.")

    def given(kind: str) -> list[Floats]:
        return [array for array in (getattr(history, kind) for history in histories) if array is not None]

    kinds: dict[str, Any] = {}
    for kind in KINDS:
        wanted = list(names.get(kind, ()))
        arrays = given(kind)
        if wanted and len(arrays) == len(histories) and all(one.shape[-1] == len(wanted) for one in arrays):
            kinds[kind] = covariates(wanted, arrays)
        elif wanted or arrays:
            raise DataError(f"Every series needs the {len(wanted)} {kind} covariates that are named, and no others.")
    return ForecastInputs(season=season, **kinds)


@dataclass(frozen=True)
class _Recipe:
    """How networks of one shape are trained on histories and their anchors."""

    shape: ForecastShape
    inputs: ForecastInputs
    histories: Sequence[History]
    anchors: Sequence[Anchor]
    options: ForecastOptions
    setup: Setup

    def windows(self, ends: Sequence[int]) -> Examples:
        """Return the windows of each series before a step `end`, from the first that is a forecast."""
        earliest = max(2 * self.inputs.season, EARLIEST) - 1
        steps = [self._reached(range(earliest, end - 1), place) for place, end in enumerate(ends)]
        drawn = some_steps(steps, MOST_WINDOWS, self.options.seed)
        return examples(self.anchors, self.histories, drawn, ends, self.inputs, self.shape)

    def _reached(self, steps: range, place: int) -> range:
        """Return the steps whose horizon has its future covariates."""
        future = self.histories[place].future
        return steps if future is None else range(steps.start, min(steps.stop, len(future) - self.shape.horizon))

    def latest(self, most: int) -> Examples:
        """Return the windows at the end of a few series, whose targets do not matter."""
        few = range(min(most, len(self.histories)))
        chosen = [self.histories[place] for place in few]
        anchors = [self.anchors[place] for place in few]
        known = [
            Anchor(np.append(one.values, 0.0), one.middle, one.spread, one.errors) for one in anchors
        ]  # a value to come, so that there is a target
        ends = [len(one) + 1 for one in chosen]
        steps = [range(len(one) - 1, len(one)) for one in chosen]
        return examples(known, chosen, steps, ends, self.inputs, self.shape)

    def train(
        self, training: Examples, validation: Examples, epochs: int, control: RunControl = UNATTENDED
    ) -> tuple[ForecastNetwork, list[dict[str, Any]]]:
        """Return the trained network, on the CPU, and its history."""
        torch.manual_seed(self.options.seed)
        network = ForecastNetwork(self.shape, self.options.dropout, NOISE).to(self.setup.device)
        history = fit_network(
            network, Pinball(), training, validation, self.options, self.setup, epochs=epochs, control=control
        )
        return network.cpu().eval(), history

    def judge(self, everything: Examples, control: RunControl) -> tuple[Shares, float, int, list[dict[str, Any]]]:
        """Return how much the network counts, the factor of the band, the epochs of training, and its history.

        everything: all windows. The epochs are 0 where there is too little to learn from.
        """
        lengths = [len(history) for history in self.histories]
        kept = np.array([kept_back(length, self.options) for length in lengths])
        training = self.windows([length - int(back) for length, back in zip(lengths, kept, strict=True)])
        unseen = everything.ages <= kept[everything.series]
        count = len(self.histories)
        history: list[dict[str, Any]] = []
        network, epochs = ForecastNetwork(self.shape).eval(), 0
        if not unseen.any():
            return Shares(np.zeros(count), 0.0, 0.0), 1.0, epochs, history
        if len(training) >= FEWEST:
            epochs = EPOCHS.epochs(self.options, len(training))
            network, history = self.train(training, everything.only(unseen), epochs, control)
            epochs = len(history)  # fewer where training has stopped early
        said = answers(network, everything, torch.device("cpu")).numpy().astype(np.float64)
        targets, series = everything.targets, everything.series
        shares = chosen_shares(said[unseen, :, 1], targets[unseen], series[unseen], count)
        moved = corrected(said, shares.own[series][:, None], 1.0, LEARNT)
        return shares, band_factor(moved, targets, series, everything.ages), epochs, history
