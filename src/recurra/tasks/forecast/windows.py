"""What the network reads at a step of a series: the last segments of its history, and what is known of the horizon.

Everything is relative to the window itself, so that series of any unit are alike, and what the network adds is in units
of how wrong the anchor usually is: a series that rises for ever looks the same wherever it has got to.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recurra.tasks.forecast.anchor import Anchor
from recurra.tasks.forecast.history import History
from recurra.tasks.forecast.inputs import ForecastInputs, Kind
from recurra.tasks.forecast.shape import CHANNELS, ForecastShape

Floats = NDArray[np.float32]

FARTHEST = 6.0
"""Values further away than so many of their usual distance from the level are taken to be there."""
SHARE = 0.3
"""The usual distance is at least this share of the usual error of the anchor."""


class Window(NamedTuple):
    """frames: [K, segment * channels], the value, error and mark of each step and its covariates, 0 before the series
    begins; known: [J, N], see `ForecastShape.known`."""

    frames: Floats
    known: Floats


def window(anchor: Anchor, history: History, step: int, inputs: ForecastInputs, shape: ForecastShape) -> Window:
    """Return what is read after a step of a series, from 0. history: of which the anchor is."""
    length = min(shape.steps, step + 1)
    here = slice(step + 1 - length, step + 1)
    values, usual_error = anchor.values[here], float(anchor.spread[step].mean())
    latest = values[-inputs.season :]
    level = float(np.nanmean(latest if np.isfinite(latest).any() else anchor.middle[step]))
    distance = np.abs(values - level)
    away = max(float(np.nanmean(distance)) if np.isfinite(distance).any() else 0.0, SHARE * usual_error)
    steps = np.zeros((shape.steps, shape.channels))
    rows = steps[shape.steps - length :]
    rows[:, 0] = _near((values - level) / away)
    rows[:, 1] = _near(anchor.errors[here] / usual_error)
    rows[:, 2] = np.isfinite(values)
    if history.past is not None:
        rows[:, CHANNELS : CHANNELS + shape.past] = inputs.standard("past", history.past[here])
    known = np.zeros((shape.ahead, shape.known))
    ahead = np.zeros((shape.ahead * shape.segment, 1 + shape.future))
    ahead[: shape.horizon, 0] = _near((anchor.middle[step] - level) / away)
    if history.future is not None:
        future = inputs.standard("future", history.future[step + 1 - length : step + 1 + shape.horizon])
        rows[:, CHANNELS + shape.past :] = future[:length]
        ahead[: len(future) - length, 1:] = future[length:]
    known[:, : ahead.size // shape.ahead] = ahead.reshape(shape.ahead, -1)
    known[:, ahead.size // shape.ahead] = np.log(away / usual_error)
    if history.static is not None:
        known[:, ahead.size // shape.ahead + 1 :] = inputs.standard("static", history.static)
    return Window(steps.reshape(shape.segments, -1).astype(np.float32), known.astype(np.float32))


def without_segments(read: Window, first: int, end: int, shape: ForecastShape) -> Window:
    """Return what would be read if the values of some segments, from 0, were not known; their covariates stay."""
    frames = read.frames.copy()
    frames.reshape(shape.segments, shape.segment, shape.channels)[first:end, :, :CHANNELS] = 0
    return Window(frames, read.known)


def without_covariate(read: Window, kind: Kind, place: int, shape: ForecastShape) -> Window:
    """Return what would be read if a covariate, by its place among those of its kind, had its mean at every step."""
    frames, known = read.frames.copy(), read.known.copy()
    steps = frames.reshape(shape.segments, shape.segment, shape.channels)
    ahead = shape.segment * (1 + shape.future)
    if kind == "past":
        steps[:, :, CHANNELS + place] = 0
    elif kind == "future":
        steps[:, :, CHANNELS + shape.past + place] = 0
        known[:, 1 + place : ahead : 1 + shape.future] = 0
    else:
        known[:, ahead + 1 + place] = 0
    return Window(frames, known)


def _near(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.clip(np.where(np.isfinite(values), values, 0.0), -FARTHEST, FARTHEST)
