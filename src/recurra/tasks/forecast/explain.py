"""What a forecast is made of: what smoothing says and what the network adds, and what each of them rests on.

The parts of a step add up to its forecast exactly: the anchor, a weighted mean of smoothings, and the network's
correction of it. The weights are those with which the mean was taken.

What the network's part rests on is found by occlusion: the values of a segment of the history are set to `not known`,
or a covariate to its mean in training, and the network is asked again; the anchor stays as it is. A contribution is by
how much the forecast falls. Source of the method: Zeiler and Fergus, 2014, Visualizing and understanding convolutional
networks, for images.

What the latest values changed is found by taking them back: they are replaced by what was forecast before them, and the
whole forecast is made again.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from recurra.errors import DataError, OptionError
from recurra.tasks.forecast.anchor import blended
from recurra.tasks.forecast.history import FEWEST, History, checked
from recurra.tasks.forecast.inputs import KINDS, Covariates, ForecastInputs, Kind
from recurra.tasks.forecast.model import ForecastModel
from recurra.tasks.forecast.predict import Times
from recurra.tasks.forecast.shape import ForecastShape
from recurra.tasks.forecast.smoothing_kinds import KindWeight, kind_weights
from recurra.tasks.forecast.windows import Window, without_covariate, without_segments

MOST_PIECES = 64
"""Pieces of the history that are hidden; of more segments several are hidden together."""
TOGETHER = 2**16
"""Numbers of windows that are answered together."""
LEAST_SHARE = 1e-3
"""Of the mean width of the band: smaller contributions are shown as none."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Latest:
    """What the latest values of a series changed.

    start, end: the steps, from 0 to before the last. surprise: by how much they were above what was forecast before
    them, on average; change: [h], by how much the forecast is above the one that would be if they had come as forecast.
    """

    start: int
    end: int
    surprise: float
    change: Floats


@dataclass(frozen=True)
class Explanation:
    """What the forecast of a series is made of, h steps ahead.

    name: of the series, None without one. values: [T], NaN where one is missing. before, times: of the steps of the
    history, and of the forecast. smoothing, network: [h], whose sum is the forecast; quantiles: [h, 3]. share: how much
    of the network's correction counts for this series. weights: of each kind of smoothings. pieces: [S, 2], the steps
    of the history that were hidden, from the first to before the last of each, and piece_falls: [S, h], by how much the
    forecast falls without them. covariates: (kind, name) of each of C; covariate_falls: [C, h]. latest: None where the
    history is too short to tell.
    """

    name: str | None
    values: Floats
    before: Times
    times: Times
    smoothing: Floats
    network: Floats
    quantiles: Floats
    share: float
    weights: list[KindWeight]
    pieces: NDArray[np.int64]
    piece_falls: Floats
    covariates: list[tuple[str, str]]
    covariate_falls: Floats
    latest: Latest | None

    @property
    def least(self) -> float:
        """What contributes less is shown as nothing; more than 0."""
        width = float((self.quantiles[:, 2] - self.quantiles[:, 0]).mean())
        return max(LEAST_SHARE * width, np.finfo(float).tiny)

    def strongest(self, top: int) -> list[tuple[int, Floats]]:
        """Return the `top` pieces of the history, by their numbers from 0, and covariates, by theirs from the number of
        pieces on, that contribute most, each with its contribution to every step, [h]. None of no contribution.

        What counts is the size of the contribution to a step on average: those to different steps may cancel out.
        """
        falls = np.concatenate([self.piece_falls, self.covariate_falls])
        sizes = np.abs(falls).mean(axis=1)
        order = np.argsort(-sizes, kind="stable")[:top]
        return [(int(one), falls[one]) for one in order if sizes[one] >= self.least]


def check_target(target: str | None) -> None:
    """Raise OptionError for a target: numbers have none to choose."""
    if target is not None:
        raise OptionError("This model forecasts numbers, of which there is none to choose. Leave --target out.")


def explain(
    model: ForecastModel,
    history: ArrayLike | History,
    horizon: int | None = None,
    times: tuple[Times, Times] | None = None,
) -> Explanation:
    """Explain the forecast of a history [T], or a `History`.

    horizon: as in `ForecastModel.predict`. times: of the steps of the history, and of those to forecast; counted from 1
    without them. Raises as `ForecastModel.predict` does.
    """
    *_, found = explain_in_steps(model, history, horizon, times)
    assert found is not None
    return found


def explain_in_steps(
    model: ForecastModel,
    history: ArrayLike | History,
    horizon: int | None = None,
    times: tuple[Times, Times] | None = None,
) -> Iterator[Explanation | None]:
    """Yield None after each part of the work, and at last what `explain` returns. Raises as it does."""
    ahead = model.steps(horizon)
    known = checked(history)
    model.inputs.check(known, ahead)
    if np.isnan(known.values[-1]):
        raise DataError(
            f"{known.called} ends with a missing value. A forecast is explained from the last known one on."
        )
    anchor, blend = blended(known.values, model.inputs.season, model.shape.horizon)
    yield None
    read = model.window(known, anchor)
    share = model.inputs.share_of(known)
    middle, spread = anchor.middle[-1, :ahead], anchor.spread[-1, :ahead]
    (moved,) = model.corrections([read], [share])[:, :ahead]
    quantiles = middle[:, None] + spread[:, None] * moved
    edges, pieces = _pieces(model.shape, len(known))
    covariates = [(kind, place) for kind in KINDS for place in range(len(_names(model.inputs, kind)))]
    hidden = chain(
        (without_segments(read, first, end, model.shape) for first, end in edges),
        (without_covariate(read, kind, place, model.shape) for kind, place in covariates),
    )
    without = yield from _middles(model, hidden, share, max(1, TOGETHER // read.frames.size))
    falls = spread * (moved[:, 1] - without[:, :ahead])
    latest = yield from _latest(model, known, ahead, quantiles[:, 1])
    before, after = times or (range(1, len(known) + 1), range(1, ahead + 1))
    yield Explanation(
        name=known.name,
        values=known.values,
        before=before,
        times=after[:ahead],
        smoothing=middle,
        network=spread * moved[:, 1],
        quantiles=quantiles,
        share=share,
        weights=kind_weights(replace(blend, forecasts=blend.forecasts[:, :ahead])),
        pieces=pieces,
        piece_falls=falls[: len(pieces)],
        covariates=[(kind, _names(model.inputs, kind)[place]) for kind, place in covariates],
        covariate_falls=falls[len(pieces) :],
        latest=latest,
    )


def _names(inputs: ForecastInputs, kind: Kind) -> list[str]:
    known: Covariates = getattr(inputs, kind)
    return known.names


def _pieces(shape: ForecastShape, steps: int) -> tuple[list[tuple[int, int]], NDArray[np.int64]]:
    """Return the pieces that are hidden, as segments of a window (first, end), and as steps of its history [S, 2].

    Segments before the history begins are none.
    """
    ends = steps - shape.segment * np.arange(shape.segments - 1, -1, -1)
    within = np.flatnonzero(ends > 0)
    groups = np.array_split(within, min(len(within), MOST_PIECES))
    spans = [(int(group[0]), int(group[-1]) + 1) for group in groups]
    return spans, np.array([(max(0, ends[first] - shape.segment), ends[end - 1]) for first, end in spans])


def _middles(model: ForecastModel, windows: Iterator[Window], share: float, size: int) -> Generator[None, None, Floats]:
    """Return what counts of the network's correction [N, H] of each of some windows, `size` of which are answered
    together."""
    found = []
    while batch := list(islice(windows, size)):
        found.append(model.corrections(batch, [share] * len(batch))[..., 1])
        yield
    return np.concatenate(found)


def _latest(
    model: ForecastModel, history: History, ahead: int, forecast: Floats
) -> Generator[None, None, Latest | None]:
    """Return what the last season changed, or the last segment of a series without one, up to a horizon."""
    season, shape = model.inputs.season, model.shape
    count = min(season if season > 1 else shape.segment, shape.horizon)
    start = len(history) - count
    came = history.values[max(0, start) :]
    if start < 1 or np.isfinite(history.values[:start]).sum() < FEWEST or not np.isfinite(came).any():
        return None
    (before,) = model.predict([history.until(start, count)], count)
    yield
    as_forecast = np.where(np.isfinite(came), before[:, 1], np.nan)
    values = np.concatenate([history.values[:start], as_forecast])
    (other,) = model.predict([History(values, history.name, history.past, history.future, history.static)], ahead)
    yield
    return Latest(start, len(history), float(np.nanmean(came - as_forecast)), forecast - other[:, 1])


def plain(explanation: Explanation) -> dict[str, Any]:
    """Return an explanation as the values of one JSON object."""
    steps = zip(explanation.times, explanation.quantiles, explanation.smoothing, explanation.network, strict=True)
    latest = explanation.latest
    return {
        **({} if explanation.name is None else {"series": explanation.name}),
        "steps": len(explanation.values),
        "forecast": [
            {
                "ds": time,
                "y": float(middle),
                "lo": float(low),
                "hi": float(high),
                "smoothing": float(smoothing),
                "network": float(network),
            }
            for time, (low, middle, high), smoothing, network in steps
        ],
        "share": explanation.share,
        "weights": _plain_weights(explanation.weights),
        "pieces": [
            {"from": int(start), "to": int(end), **_contribution(fall)}
            for (start, end), fall in zip(explanation.pieces, explanation.piece_falls, strict=True)
        ],
        "covariates": [
            {"covariate": name, "kind": kind, **_contribution(fall)}
            for (kind, name), fall in zip(explanation.covariates, explanation.covariate_falls, strict=True)
        ],
        "latest": None
        if latest is None
        else {
            "from": latest.start,
            "to": latest.end,
            "surprise": latest.surprise,
            "change": float(latest.change.mean()),
            "by_step": latest.change.tolist(),
        },
    }


def _plain_weights(weights: Sequence[KindWeight]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for one in weights:
        mean = None if one.forecast is None else float(one.forecast.mean())
        found.setdefault(one.aspect, []).append({"kind": one.kind, "weight": one.weight, "y": mean})
    return found


def _contribution(fall: Floats) -> dict[str, Any]:
    return {"contribution": float(fall.mean()), "size": float(np.abs(fall).mean()), "by_step": fall.tolist()}
