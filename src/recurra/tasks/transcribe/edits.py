"""Which words or characters of a text were heard otherwise: the fewest insertions, deletions and substitutions.

Source: Levenshtein, 1966, Binary codes capable of correcting deletions, insertions and reversals. Of several ways with
equally few edits, the one with most matches counts.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_EDIT = 1 << 40
"""The cost of an edit; a substitution costs 1 more, so that matches are preferred to fewer gaps."""


@dataclass(frozen=True)
class Edits:
    """Counts of edits from a reference to what was heard. length: of the reference."""

    insertions: int
    deletions: int
    substitutions: int
    length: int

    @property
    def errors(self) -> int:
        """All edits together."""
        return self.insertions + self.deletions + self.substitutions


def count_edits(reference: Sequence[Hashable], heard: Sequence[Hashable]) -> Edits:
    """Return the fewest edits that make `heard` of `reference`: words of a list, or characters of a string.

    Takes time of the order of the product of both lengths, and memory of their sum; equal beginnings and ends are free.
    """
    wanted, given, _ = _trimmed(reference, heard)
    cost = int(_costs(wanted, given)[-1]) if len(wanted) and len(given) else _EDIT * (len(wanted) + len(given))
    errors, substitutions = divmod(cost, _EDIT)
    gaps, more = errors - substitutions, len(heard) - len(reference)
    return Edits((gaps + more) // 2, (gaps - more) // 2, substitutions, len(reference))


def aligned(reference: Sequence[str], heard: Sequence[str]) -> list[tuple[str | None, str | None]]:
    """Return pairs (in the reference, heard) in order by the same edits; None where one has nothing.

    Takes memory of the order of the product of both lengths.
    """
    wanted, given, before = _trimmed(reference, heard)
    table = np.empty((len(wanted) + 1, len(given) + 1), dtype=np.int64)
    table[0] = _EDIT * np.arange(len(given) + 1)
    for row, number in enumerate(wanted, 1):
        table[row] = _next(table[row - 1], row, number, given)
    middle: list[tuple[str | None, str | None]] = []
    row, column = len(wanted), len(given)
    while row or column:
        here = int(table[row, column])
        if row and column:
            step = 0 if wanted[row - 1] == given[column - 1] else _EDIT + 1
            if here == table[row - 1, column - 1] + step:
                row, column = row - 1, column - 1
                middle.append((reference[before + row], heard[before + column]))
                continue
        if row and here == table[row - 1, column] + _EDIT:
            row -= 1
            middle.append((reference[before + row], None))
        else:
            column -= 1
            middle.append((None, heard[before + column]))
    same = [(word, word) for word in reference[:before]]
    rest = [(word, word) for word in reference[before + len(wanted) :]]
    return [*same, *reversed(middle), *rest]


def _trimmed(
    reference: Sequence[Hashable], heard: Sequence[Hashable]
) -> tuple[NDArray[np.int64], NDArray[np.int64], int]:
    """Return both as numbers without their common beginning and end, and how long the beginning is."""
    start, stop = 0, min(len(reference), len(heard))
    while start < stop and reference[start] == heard[start]:
        start += 1
    end, most = 0, stop - start
    while end < most and reference[-1 - end] == heard[-1 - end]:
        end += 1
    numbers: dict[Hashable, int] = {}
    wanted, given = (
        np.array([numbers.setdefault(one, len(numbers)) for one in text[start : len(text) - end]], dtype=np.int64)
        for text in (reference, heard)
    )
    return wanted, given, start


def _costs(wanted: NDArray[np.int64], given: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the cost [M + 1] of making each beginning of `given` [M] of all `wanted`."""
    costs = _EDIT * np.arange(len(given) + 1, dtype=np.int64)
    for row, number in enumerate(wanted, 1):
        costs = _next(costs, row, number, given)
    return costs


def _next(costs: NDArray[np.int64], row: int, number: np.int64, given: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the costs [M + 1] with one more of the reference. An insertion costs one more than what is left of it, so
    the least over all to the left is a running minimum of the costs less their place."""
    best = np.empty_like(costs)
    best[0] = _EDIT * row
    np.minimum(costs[1:] + _EDIT, costs[:-1] + np.where(given == number, 0, _EDIT + 1), out=best[1:])
    places = _EDIT * np.arange(len(costs), dtype=np.int64)
    return np.asarray(np.minimum.accumulate(best - places) + places)
