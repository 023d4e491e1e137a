"""Exponential smoothings of a series: hundreds at once, of other parameters, each step in one pass over them.

Each is level + trend + season, additive, of the values or of their logarithms, and follows the series by its one-step
errors. A missing value is passed over: the state goes on as if it had been right. Sources: Hyndman, Koehler, Ord and
Snyder, 2008, Forecasting with Exponential Smoothing (the error-correction form); the line through the first level and
the last, and half its slope, are the drift method and, about, the Theta method (Hyndman and Billah, 2003, Unmasking the
Theta method).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LEVELS = (0.02, 0.1, 0.25, 0.45, 0.7, 1.0)
"""alpha: how far the level follows an error."""
SEASONS = (0.0, 0.1, 0.3, 0.6, 1.0)
"""gamma / (1 - alpha): how far the season follows what the level left of an error."""
HIGHEST = 3.0
"""A smoothing of logarithms says nothing more than so far above the largest one so far (about 20 times the value)."""
FULL = 1.5
"""Seasons that a series must have before one is looked for in it."""


@dataclass(frozen=True)
class Trend:
    """A trend. follows: beta / alpha; damping: phi, of each step; line: the share of the slope from the first level."""

    follows: float = 0.0
    damping: float = 0.0
    line: float = 0.0


TRENDS = (
    Trend(),
    Trend(0.1, 0.9),
    Trend(0.4, 0.9),
    Trend(0.1, 0.98),
    Trend(0.2, 1.0),
    Trend(line=0.5),
    Trend(line=1.0),
)


class Parameters(NamedTuple):
    """What makes a smoothing. level: alpha; season: gamma / (1 - alpha), None without a season; log: whether it is of
    logarithms."""

    level: float
    trend: Trend
    season: float | None
    log: bool


class Smoothings:
    """P smoothings of one series, step by step.

    parameters: of each. season: m, steps until a season comes again; 1 for none. alpha, beta, gamma: [P], how far
    level, slope and season follow an error; phi: [P], the damping of the slope; line: [P], the share of the slope from
    the first level; damped: [P, H], sums of powers of phi; logarithms: [P], which are of logarithms. level, slope: [P],
    and seasonal: [P, m], as they are now.
    """

    def __init__(self, values: Floats, season: int, horizon: int) -> None:
        """values: [T], NaN where missing, one known at least: the first two seasons give the first states."""
        season = season if np.isfinite(values).sum() >= FULL * season else 1
        logarithms = bool(np.nanmin(values) > 0)
        seasons = (None, *SEASONS) if season > 1 else (None,)
        logs = (False, True) if logarithms else (False,)
        self.parameters = grid = [Parameters(*one) for one in product(LEVELS, TRENDS, seasons, logs)]
        self.size = len(grid)
        self.season, self._ahead = season, np.arange(1, horizon + 1)
        self.alpha = np.array([one.level for one in grid])
        self.beta = self.alpha * [one.trend.follows for one in grid]
        self.phi = np.array([one.trend.damping for one in grid])
        self.line = np.array([one.trend.line for one in grid])
        self.gamma = (1 - self.alpha) * [one.season or 0.0 for one in grid]
        seasonal = np.array([one.season is not None for one in grid])
        self.logarithms = np.array([one.log for one in grid])
        self.damped = np.cumsum(self.phi[:, None] ** (self._ahead - 1), axis=1) * self.phi[:, None]  # [P, H]
        self.level, self.slope = np.zeros(self.size), np.zeros(self.size)
        self.seasonal = np.zeros((self.size, season))
        trended = (self.phi > 0) | (self.line > 0)
        for which in (self.logarithms, ~self.logarithms):
            if which.any():
                start = _Start.of(np.log(values) if which is self.logarithms else values, season)
                self.level[which] = start.level
                self.level[which & trended] = start.level_before
                self.slope[which & (self.phi > 0)] = start.slope
                self.seasonal[which & seasonal] = start.season
        self._first, self._steps, self._largest = self.level.copy(), 0, -np.inf

    def step(self, value: float) -> None:
        """Take the next value; NaN where it is missing."""
        expected = self.level + self.phi * self.slope + self._drift(max(1, self._steps))
        place = self._steps % self.season
        if np.isfinite(value):
            log = np.log(value) if self.logarithms.any() else 0.0
            self._largest = max(self._largest, log)
            error = np.where(self.logarithms, log, value) - expected - self.seasonal[:, place]
            self.level = expected + self.alpha * error
            self.slope = self.phi * self.slope + self.beta * error
            self.seasonal[:, place] += self.gamma * error
        else:
            self.level, self.slope = expected, self.phi * self.slope
        self._steps += 1

    def go_on(self, values: Floats, level: Floats, slope: Floats, seasonal: Floats) -> None:
        """Take the states [P], [P] and [P, m] to which others have come after all values [T]."""
        self.level, self.slope, self.seasonal, self._steps = level, slope, seasonal, len(values)
        if self.logarithms.any():
            self._largest = float(np.log(np.nanmax(values)))

    def forecasts(self) -> Floats:
        """Return what each says of the steps to come, [P, H]."""
        found: Floats = (
            self.level[:, None]
            + self.damped * self.slope[:, None]
            + self._drift(self._steps)[:, None] * self._ahead
            + self.seasonal[:, (self._steps - 1 + self._ahead) % self.season]
        )
        if self.logarithms.any():
            found[self.logarithms] = np.exp(np.minimum(found[self.logarithms], self._largest + HIGHEST))
        return found

    def _drift(self, steps: int) -> Floats:
        """Return the slope [P] of the line from the first level."""
        return np.asarray(self.line * (self.level - self._first) / max(1, steps))


@dataclass(frozen=True)
class _Start:
    """The first state: level, level_before (a step before the series, where there is a trend), slope, season [m]."""

    level: float
    level_before: float
    slope: float
    season: Floats

    @classmethod
    def of(cls, values: Floats, season: int) -> _Start:
        known = np.isfinite(values)
        first = float(values[known][0])
        if season == 1:
            early = values[:6][known[:6]]
            slope = float(early[-1] - early[0]) / (len(early) - 1) if len(early) > 1 else 0.0
            return cls(first, first, slope, np.zeros(1))
        years = [values[start : start + season] for start in (0, season)]
        means = [float(np.nanmean(year)) if np.isfinite(year).any() else None for year in years]
        level = first if means[0] is None else means[0]
        slope = 0.0
        if len(years[1]) == season and means[0] is not None and means[1] is not None:
            slope = (means[1] - means[0]) / season
        whole = values[: season * min(2, len(values) // season)]
        whole = whole - slope * np.arange(len(whole))
        whole = whole - (np.nanmean(whole) if np.isfinite(whole).any() else 0.0)
        cycles = whole.reshape(-1, season)
        counts = np.isfinite(cycles).sum(axis=0)
        pattern = np.where(counts > 0, np.nansum(cycles, axis=0) / np.maximum(counts, 1), 0.0)
        return cls(level, level - slope * (season + 1) / 2, slope, pattern - pattern.mean())
