"""Numbers as text: what is one, what is a missing one, and what is neither."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from recurra.data.label_spelling import looks_missing


class NotANumber(ValueError):
    """A text is no number and does not say that one is missing. place: which of the texts; text: the text."""

    def __init__(self, place: int, text: str) -> None:
        super().__init__(text)
        self.place = place
        self.text = text


def is_missing(text: str | None) -> bool:
    """Return whether there is no value: null, a blank text, or how programs write it (nan, NA, ?, None ...)."""
    return text is None or not text.strip() or looks_missing(text)


def numbers(texts: Sequence[str | None]) -> NDArray[np.float64]:
    """Return the numbers that texts write, NaN for those missing: [N]. Raises NotANumber for the first that is none."""
    try:
        if "_" not in "".join(texts):  # type: ignore[arg-type]  # Python alone reads 1_000 as a number
            return np.array(list(map(float, texts)), dtype=np.float64)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        pass
    return np.array([_number(place, text) for place, text in enumerate(texts)], dtype=np.float64)


def _number(place: int, text: str | None) -> float:
    if not text:
        return math.nan
    try:
        if "_" not in text:
            return float(text)
    except ValueError:
        pass
    if is_missing(text):
        return math.nan
    raise NotANumber(place, text)
