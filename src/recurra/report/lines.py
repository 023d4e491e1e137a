"""Lines through the values of a series: where they break, and which points of a long one are drawn."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray


def runs(known: NDArray[np.bool_]) -> Iterator[slice]:
    """Yield where values are known [T], run by run."""
    changes = np.flatnonzero(np.diff(np.r_[False, known, False].astype(np.int8)))
    for start, end in zip(changes[::2].tolist(), changes[1::2].tolist(), strict=True):
        yield slice(start, end)


def few(values: NDArray[np.floating], places: NDArray[np.int64], parts: int) -> NDArray[np.int64]:
    """Return those of some places [N] among values [T] through which a line is drawn.

    Of more than twice as many as `parts` these are the ends, and the least and the greatest of each part.
    """
    if len(places) <= 2 * parts:
        return places
    pieces = np.array_split(places, parts)
    extremes = [piece[place] for piece in pieces for place in (values[piece].argmin(), values[piece].argmax())]
    return np.unique(np.r_[places[0], np.array(extremes), places[-1]])
