"""A series up to now, and what is known beside it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from recurra.errors import DataError, brief

Floats = NDArray[np.float64]
FEWEST = 3
"""Known values that a series must have: of fewer it cannot be said how far it moves."""
LARGEST = 1e30
"""Numbers beyond it are not read: their squares and products would not be numbers."""


@dataclass(frozen=True)
class History:
    """A series [T] in order of time, T >= 1, a step for each time; NaN where a value is missing.

    name: of the series, None for one that has none. past: [T, ..] covariates that are known up to now; future: [T + H,
    ..], known for the horizon too; static: [..], of the series. None where there are none.
    """

    values: Floats
    name: str | None = None
    past: Floats | None = None
    future: Floats | None = None
    static: Floats | None = None

    def __len__(self) -> int:
        return len(self.values)

    @property
    def called(self) -> str:
        """The series in a message."""
        return "A series" if self.name is None else f"Series {brief(self.name)}"

    def until(self, end: int, horizon: int) -> History:
        """Return the history as it was at a step `end`, with the future covariates of the horizon after it."""
        past = None if self.past is None else self.past[:end]
        future = None if self.future is None else self.future[: end + horizon]
        return History(self.values[:end], self.name, past, future, self.static)


def checked(history: ArrayLike | History) -> History:
    """Return a history, of an array [T] or as it is given, with float64 arrays.

    Raises DataError for what is no series of finite numbers, or has fewer than FEWEST known values.
    """
    given = history if isinstance(history, History) else History(values=history)  # type: ignore[arg-type]
    values = _numbers(given.values, 1, given.called, "values")
    if (known := int(np.isfinite(values).sum())) < FEWEST:
        raise DataError(f"{given.called} has {known} known values; at least {FEWEST} are needed to continue it.")
    past = None if given.past is None else _numbers(given.past, 2, given.called, "past covariates")
    future = None if given.future is None else _numbers(given.future, 2, given.called, "future covariates")
    static = None if given.static is None else _numbers(given.static, 1, given.called, "static covariates")
    if past is not None and len(past) != len(values):
        raise DataError(f"{given.called} has {len(values):,} steps and {len(past):,} of its past covariates.")
    return History(values, given.name, past, future, static)


def _numbers(array: ArrayLike, axes: int, called: str, what: str) -> Floats:
    try:
        numbers = np.asarray(array, dtype=np.float64)
    except (TypeError, ValueError):
        raise DataError(f"{called}: its {what} are not numbers.") from None
    if numbers.ndim != axes:
        wanted = "[steps]" if axes == 1 else "[steps, covariates]"
        raise DataError(f"{called}: its {what} must have the shape {wanted}, not {list(numbers.shape)}.")
    if (np.abs(numbers, where=~np.isnan(numbers), out=np.zeros_like(numbers)) > LARGEST).any():
        raise DataError(f"{called}: its {what} are infinite, or beyond 1e30.")
    return numbers
