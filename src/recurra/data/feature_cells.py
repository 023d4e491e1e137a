"""What a cell beside the text says: a number, a category, or nothing."""

from __future__ import annotations

import math
from numbers import Integral, Real

from recurra.data.label_spelling import looks_missing
from recurra.errors import brief

WHOLE = 1e15
"""Up to here a whole number is written without an exponent or a point."""


def spelled(cell: object) -> str | None:
    """Return the value of a cell as text without spaces around it; None where it is missing.

    Missing are None, NaN, an empty text and one such as NA or null. A whole number is written as one, and a truth value
    as true or false, so that a value of JSON or of a table in memory is that of a CSV. Raises ValueError for another
    kind of value, such as a list.
    """
    if isinstance(cell, str):
        text = cell.strip()
        return None if not text or looks_missing(text) else text
    if cell is None or type(cell).__name__ in ("NAType", "NaTType"):
        return None
    if isinstance(cell, bool) or type(cell).__name__ == "bool":
        return "true" if cell else "false"
    if isinstance(cell, Integral):
        return str(int(cell))
    if isinstance(cell, Real):
        value = float(cell)
        if math.isnan(value):
            return None
        return str(int(value)) if value.is_integer() and abs(value) < WHOLE else repr(value)
    if type(cell).__name__ in ("Decimal", "date", "datetime", "time", "Timestamp"):
        return str(cell)
    raise ValueError(f"a {type(cell).__name__}, which is no number and no text")


def number_in(text: str) -> float:
    """Return the number that a text is, NaN where that is infinite. Raises ValueError for a text that is none."""
    try:
        value = float(text) if "_" not in text else None  # Python alone reads 1_000 as a number
    except ValueError:
        value = None
    if value is None:
        raise ValueError(f"{brief(text)}, which is no number")
    return value if math.isfinite(value) else math.nan
