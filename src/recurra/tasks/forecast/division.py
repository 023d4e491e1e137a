"""What is held out of series: their last horizon, or what a second file says came after them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from recurra.errors import DataError
from recurra.tasks.forecast.forecast_file import ForecastFile, some
from recurra.tasks.forecast.history import FEWEST, History

Floats = NDArray[np.float64]
_INSIDE = "every window that is learnt from, its own horizon included, ends before that"


@dataclass(frozen=True)
class HeldOut:
    """The held-out part of a series. series: its number; history: up to there, with the future covariates of what
    follows; truth: [H] that came, NaN where it is not known."""

    series: int
    history: History
    truth: Floats


@dataclass(frozen=True)
class Division:
    """learnt: N histories that end before what is held out; held_out: of those series that have such a part; how: in
    words; notes: what was found, a sentence each."""

    learnt: list[History]
    held_out: list[HeldOut]
    how: str
    notes: list[str]


def undivided(found: ForecastFile) -> Division:
    """Return histories of which nothing is held out, up to their last known value."""
    learnt = [history.until(end, 0) for history, end in zip(found.histories, found.ends, strict=True)]
    return Division(learnt, [], "nothing is held out", [])


def divide(found: ForecastFile, horizon: int, test: str | None) -> Division:
    """Hold out the last horizon of each series that has enough before it; or with `test`, the file whose rows follow
    those of the first, what is in it up to a horizon. Raises DataError where no series has such a part.
    """
    learnt, held_out, whole, beyond = [], [], [], 0
    for number, (history, end) in enumerate(zip(found.histories, found.ends, strict=True)):
        if test is None:
            end = len(history) - horizon
        before = history.values[: max(0, end)]
        truth = np.full(horizon, np.nan)
        after = history.values[end : end + horizon]
        truth[: len(after)] = after
        if end < 1 or np.isfinite(before).sum() < FEWEST or not np.isfinite(truth).any():
            learnt.append(history if test is None else history.until(end, 0))
            whole.append(history.name or "")
            continue
        beyond += len(history) > end + horizon
        learnt.append(history.until(end, horizon))
        held_out.append(HeldOut(number, learnt[-1], truth))
    steps = "step" if horizon == 1 else f"{horizon:,} steps"
    if not held_out and test is None:
        raise DataError(
            f"No series has {FEWEST} known values before its last {steps}, so none can be held out to judge the "
            "forecasts. Give longer series, or a smaller --horizon."
        )
    if not held_out:
        raise DataError(f"{test} has no value within {steps} after the end of a series to train on.")
    notes = []
    if whole and test is None:
        notes.append(f"{some(whole)} too short to hold out the last {steps}.")
    elif whole:
        notes.append(f"{some(whole)} not judged: {test} has no value of them within {steps}.")
    if beyond:
        notes.append(f"{test} goes on beyond {steps} in {beyond:,} series; what follows is left out.")
    of = f"{len(held_out):,} of {len(learnt):,} series" if whole else f"each of {len(learnt):,} series"
    of = "the series" if len(learnt) == 1 else of
    how = f"the last {steps} of {of} held out" if test is None else f"held out: {Path(test).name}, after {of}"
    return Division(learnt, held_out, f"{how}; {_INSIDE}", notes)
