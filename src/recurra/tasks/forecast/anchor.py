"""The forecast that a network corrects: smoothings of a series, each counting by how right it has been so far.

It is computed at every step of a series from the steps before alone, in one pass, so what it would have said in the
past, and how wrong that was, costs nothing more: the rolling origins that a network learns from, and that an interval
is made of.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recurra.kernel.library import Library, library
from recurra.kernel.smoothing import Smoothing
from recurra.tasks.forecast.smoothing import HIGHEST, Parameters, Smoothings

Floats = NDArray[np.float64]

SHARPNESS = 24.0
"""How much less a smoothing counts whose errors are a share larger than the least: exp(-24 * share)."""
SLOW = 5.0
"""It gets there as horizons of errors come in; after so many, half of it."""
PRIOR = 2.0
"""Errors that the usual change from step to step counts for in the spread, times the root of the horizon."""
LEAST = 1e-6
"""The least spread, as a share of the mean absolute value."""
TINY = 1e-30


@dataclass(frozen=True)
class Anchor:
    """What was said after each step of a series [T].

    values: [T], NaN where missing. middle: [T, H], of the next values; spread: [T, H], > 0, the mean absolute error of
    such forecasts up to then; errors: [T], value less the forecast a step before, NaN where not known.
    """

    values: Floats
    middle: Floats
    spread: Floats
    errors: Floats

    def __len__(self) -> int:
        return len(self.values)

    def until(self, end: int) -> Anchor:
        """Return what was said up to a step."""
        return Anchor(self.values[:end], self.middle[:end], self.spread[:end], self.errors[:end])


@dataclass(frozen=True)
class Blend:
    """What the middle of an anchor after its last step is the weighted mean of: P smoothings, and what each says.

    weights: [P], whose sum is 1; forecasts: [P, H].
    """

    smoothings: list[Parameters]
    weights: Floats
    forecasts: Floats


def anchored(values: Floats, season: int, horizon: int) -> Anchor:
    """Return the anchor of a series [T], NaN where missing, of which one value at least is known.

    The states that the smoothings start from are of the first two seasons: what is said within them is no forecast.
    The kernel computes it where there is one, to about 1e-12 of what NumPy does.
    """
    return _run(Smoothings(values, season, horizon), values, horizon)[0]


def blended(values: Floats, season: int, horizon: int) -> tuple[Anchor, Blend]:
    """Return what `anchored` does, and what its last forecast is made of."""
    smoothings = Smoothings(values, season, horizon)
    anchor, weights = _run(smoothings, values, horizon)
    return anchor, Blend(smoothings.parameters, weights, smoothings.forecasts())


def _run(smoothings: Smoothings, values: Floats, horizon: int) -> tuple[Anchor, Floats]:
    """Take smoothings through a series. Returns the anchor, and the weight [P] of each after the last step."""
    kernel = library()
    return _in_numpy(smoothings, values, horizon) if kernel is None else _in_c(kernel, smoothings, values, horizon)


def _in_c(kernel: Library, smoothings: Smoothings, values: Floats, horizon: int) -> tuple[Anchor, Floats]:
    order = np.argsort(smoothings.logarithms, kind="stable")  # those of logarithms last
    steps = len(values)
    middle, spread, errors = np.empty((steps, horizon)), np.empty((steps, horizon)), np.empty(steps)
    arrays = {
        "values": np.ascontiguousarray(values, dtype=np.float64),
        **{name: getattr(smoothings, name)[order] for name in ("alpha", "beta", "phi", "line", "gamma")},
        "damped": np.ascontiguousarray(smoothings.damped[order].T),
        **{name: getattr(smoothings, name)[order] for name in ("level", "slope")},
        "seasonal": np.ascontiguousarray(smoothings.seasonal[order].T),
        "middle": middle,
        "spread": spread,
        "errors": errors,
        "weight": np.empty(smoothings.size),
    }
    job = Smoothing(
        steps=steps,
        season=smoothings.season,
        horizon=horizon,
        count=smoothings.size,
        logarithms=int((~smoothings.logarithms).sum()),
        sharpness=SHARPNESS,
        slow=SLOW,
        prior=PRIOR,
        least=LEAST,
        tiny=TINY,
        highest=HIGHEST,
        **{name: array.ctypes.data for name, array in arrays.items()},
    )
    kernel.smoothing(job)
    back = np.argsort(order)
    smoothings.go_on(values, arrays["level"][back], arrays["slope"][back], arrays["seasonal"].T[back])
    return Anchor(values, middle, spread, errors), arrays["weight"][back]


def _in_numpy(smoothings: Smoothings, values: Floats, horizon: int) -> tuple[Anchor, Floats]:
    steps = len(values)
    said = np.zeros((horizon, smoothings.size, horizon))  # the last H forecasts of each, by origin modulo H
    sums, counts = np.zeros(smoothings.size), 0.0  # of errors over all horizons
    ones, one_count = np.zeros(smoothings.size), 0.0  # of one step
    wrong, wrong_counts = np.zeros(horizon), np.zeros(horizon)
    middle, spread, errors = np.empty((steps, horizon)), np.empty((steps, horizon)), np.full(steps, np.nan)
    moved, moves, total, known = 0.0, 0, 0.0, 0  # changes from step to step, and values
    growth = np.sqrt(np.arange(1, horizon + 1))
    before = np.nan
    for step, value in enumerate(values):
        smoothings.step(float(value))
        if np.isfinite(value):
            back = np.arange(1, min(step, horizon) + 1)
            if len(back):
                error = np.abs(value - said[(step - back) % horizon, :, back - 1])  # [h, P]
                sums += error.sum(axis=0)
                counts += len(back)
                ones += error[0]
                one_count += 1
                own = value - middle[step - back, back - 1]
                wrong[: len(back)] += np.abs(own)
                wrong_counts[: len(back)] += 1
                errors[step] = own[0]
            if np.isfinite(before):
                moved, moves = moved + abs(value - before), moves + 1
            total, known = total + abs(value), known + 1
        before = value
        usual = moved / max(1, moves)
        said[step % horizon] = smoothings.forecasts()
        weights = _weights(sums / max(1.0, counts), ones / max(1.0, one_count), counts / horizon, usual)
        middle[step] = weights @ said[step % horizon]
        least = max(LEAST * total / max(1, known), TINY)
        prior = np.maximum(usual, least) * growth
        spread[step] = np.maximum((wrong + PRIOR * prior) / (wrong_counts + PRIOR), least)
    return Anchor(values, middle, spread, errors), weights


def _weights(several: Floats, one: Floats, horizons: float, usual: float) -> Floats:
    """Return the weight [P] of each smoothing. several, one: [P], mean absolute errors over all horizons and of one
    step; horizons: of errors that are known; usual: the mean change from step to step."""
    least = 1e-9 * usual + TINY
    loss = (several + least) / (several.min() + least) + (one + least) / (one.min() + least)
    loss = loss / loss.min() - 1
    weights = np.exp(-SHARPNESS * horizons / (horizons + SLOW) * np.minimum(loss, 1e6))
    return np.asarray(weights / weights.sum())
