"""What a cell beside the text says: a number, a category, or nothing."""

from __future__ import annotations

import math
import re
from numbers import Integral, Real

from recurra.data.label_spelling import looks_missing
from recurra.errors import brief

WHOLE = 2**53
"""Up to here a whole number is written without an exponent or a point: so far, floats hold each of them."""

_FRACTION = re.compile(r"-?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]*)")


def spelled(cell: object) -> str | None:
    """Return the value of a cell as text without spaces around it; None where it is missing.

    Missing are None, NaN, an empty text and one such as NA or null. A number has one spelling, whether the cell is a
    number or a text (1.0 is 1, and 2.50 is 2.5), so that a row is the same wherever it comes from; digits with
    zeros in front, such as 007, or with a plus stay as they are. A truth value is true or false. Raises ValueError for
    another kind of value, such as a list.
    """
    if isinstance(cell, str):
        return _of_text(cell)
    if cell is None or type(cell).__name__ in ("NAType", "NaTType"):
        return None
    if isinstance(cell, bool) or type(cell).__name__ == "bool":
        return "true" if cell else "false"
    if isinstance(cell, Integral):
        return str(int(cell))
    if isinstance(cell, Real):
        narrow = type(cell).__name__ in ("float16", "float32")  # in text, a narrow 0.1 is 0.1
        value = float(str(cell)) if narrow else float(cell)
        return None if math.isnan(value) else _of_number(value)
    if type(cell).__name__ in ("Decimal", "date", "datetime", "time", "Timestamp"):
        return _of_text(str(cell))
    raise ValueError(f"a {type(cell).__name__}, which is no number and no text")


def _of_text(cell: str) -> str | None:
    text = cell.strip()
    if not text or looks_missing(text):
        return None
    if _WHOLE.fullmatch(text):
        return "0" if text == "-0" else text  # with all its digits, more than a float has
    if not _FRACTION.fullmatch(text):
        return text
    value = float(text)
    return _of_number(value) if math.isfinite(value) else text


def _of_number(value: float) -> str:
    return str(int(value)) if value.is_integer() and abs(value) <= WHOLE else repr(value)


def number_in(text: str) -> float:
    """Return the number that a text is, NaN where that is infinite. Raises ValueError for a text that is none."""
    try:
        value = float(text) if "_" not in text else None  # Python alone reads 1_000 as a number
    except ValueError:
        value = None
    if value is None:
        raise ValueError(f"{brief(text)}, which is no number")
    return value if math.isfinite(value) else math.nan
