"""Parts of the rows by what they have in a column, or by a number: an average can hide where a model fails."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.data.cell_column import CellColumn
from recurra.evaluation.comparison import Measure

BUCKETS = 5
MOST = 20
"""Values of a column that are told apart, those of the most rows; the rows of the others are one slice."""
SMALL = 20
"""A slice of fewer rows says little by itself, and comes after the others."""
CATEGORIES = 10
"""A column of numbers with more different ones is cut into ranges."""
EMPTY = "(empty)"

Mask = NDArray[np.bool_]


def buckets(values: NDArray[Any], count: int = BUCKETS) -> Iterator[Mask]:
    """Yield which of N rows are in each of at most `count` buckets of about equal size, from the least value on.

    Rows of one value are never parted.
    """
    if not len(values):
        return
    edges = np.unique(np.quantile(values, np.linspace(0, 1, count + 1)[1:-1], method="lower"))
    bucket = np.searchsorted(edges, values, side="left")
    yield from (bucket == index for index in np.unique(bucket))


def by_column(
    column: CellColumn,
    rows: Mask | None,
    run: NDArray[Any],
    measure: Measure,
    more: Callable[[Mask], dict[str, Any]] = lambda chosen: {},
) -> dict[str, Any]:
    """Return the figures of the rows of each value of a column, those that are worst first and small slices last.

    column: of all rows; rows: which of them were judged, N in all (None: all). run: what each of the N counts in the
    measure; more: further figures of some of the N.

    Returns values (how many different ones there are), ranges (whether they are numbers that were cut into ranges), and
    slices: name, rows, the measure with its 95 % interval, what `more` returns, small (fewer than SMALL rows), and
    clearly: "worse" or "better" where the interval lies wholly on that side of the value of all rows, else None.
    """
    codes = column.codes if rows is None else column.codes[rows]
    numbers = _numbers(column.values, codes)
    whole = measure.value(run)
    parts = list(_ranges(numbers) if numbers is not None else _values(column.values, codes))
    if (empty := codes < 0).any():
        parts.append((EMPTY, empty))
    slices = [_slice(name, chosen, run, measure, whole) | more(chosen) for name, chosen in parts]
    sign = 1 if measure.higher_is_better else -1
    slices.sort(key=lambda one: (one["small"], sign * one[measure.name]))
    return {"values": len(np.unique(codes[codes >= 0])), "ranges": numbers is not None, "slices": slices}


def _slice(name: str, chosen: Mask, run: NDArray[Any], measure: Measure, whole: float) -> dict[str, Any]:
    own = run[chosen]
    value, count = measure.value(own), int(chosen.sum())
    low, high = measure.interval([own])
    below, above = high < whole, low > whole
    clearly = None
    if count < len(run) and (below or above):
        clearly = "worse" if below == measure.higher_is_better else "better"
    return {
        "name": name,
        "rows": count,
        measure.name: value,
        f"{measure.name}_ci95": [low, high],
        "small": count < SMALL,
        "clearly": clearly,
    }


def _numbers(values: Sequence[str], codes: NDArray[np.int64]) -> NDArray[np.float64] | None:
    """Return the number of each row [N], NaN for an empty cell; None where the cells are no numbers, or few different
    ones."""
    used = np.unique(codes[codes >= 0])
    if len(used) <= CATEGORIES:
        return None
    found = np.full(len(values) + 1, math.nan)
    for code in used.tolist():
        try:
            found[code] = float(values[code])
        except ValueError:
            return None
        if not math.isfinite(found[code]):
            return None
    return found[codes]


def _ranges(numbers: NDArray[np.float64]) -> Iterator[tuple[str, Mask]]:
    known = np.flatnonzero(np.isfinite(numbers))
    for bucket in buckets(numbers[known]):
        chosen = np.zeros(len(numbers), dtype=np.bool_)
        chosen[known[bucket]] = True
        low, high = float(numbers[chosen].min()), float(numbers[chosen].max())
        yield (f"{low:,.6g}" if low == high else f"{low:,.6g} to {high:,.6g}"), chosen


def _values(values: Sequence[str], codes: NDArray[np.int64]) -> Iterator[tuple[str, Mask]]:
    counts = np.bincount(codes[codes >= 0], minlength=len(values))
    order = [code for code in np.argsort(-counts, kind="stable").tolist() if counts[code]]
    shown = order if len(order) <= MOST + 1 else order[:MOST]
    for code in shown:
        yield values[code], codes == code
    if len(shown) < len(order):
        yield f"({len(order) - len(shown):,} other values)", np.isin(codes, order[len(shown) :])
