"""Numbers and texts as a report writes them."""

from __future__ import annotations

import math
from collections.abc import Sequence

_SPACE = "\N{NO-BREAK SPACE}"
_NONE = "not measured"

_UNPRINTABLE = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 127], "\N{REPLACEMENT CHARACTER}")


def clean(text: object) -> str:
    """Return text that any file and any browser can hold: control characters and lone surrogates are replaced."""
    whole = str(text).encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    return whole.translate(_UNPRINTABLE)


def shortened(text: object, limit: int) -> str:
    """Return cleaned text of at most `limit` characters, with an ellipsis where it was cut."""
    whole = clean(text)
    return whole if len(whole) <= limit else whole[: limit - 1].rstrip() + "…"


def percent(share: float | None, digits: int = 1) -> str:
    """Return a share as "92.1 %"; one that would be rounded to 100 % or 0 % as "over 99.9 %", "under 0.1 %"."""
    if share is None or not math.isfinite(share):
        return _NONE
    text = f"{100 * share:.{digits}f}"
    if share < 1 and float(text) >= 100:
        return f"over {100 - 10**-digits:.{digits}f}{_SPACE}%"
    if share > 0 and float(text) == 0:
        return f"under {10**-digits:.{digits}f}{_SPACE}%"
    return f"{text}{_SPACE}%"


def percent_interval(interval: Sequence[float] | None) -> str:
    """Return "91.3 to 92.9 %"."""
    if not interval:
        return _NONE
    return f"{100 * interval[0]:.1f} to {100 * interval[1]:.1f}{_SPACE}%"


def number(value: float | None, digits: int = 3) -> str:
    """Return a plain number with `digits` decimals."""
    return _NONE if value is None or not math.isfinite(value) else f"{value:.{digits}f}"


def number_interval(interval: Sequence[float] | None, digits: int = 3) -> str:
    """Return "0.214 to 0.250"."""
    return _NONE if not interval else f"{interval[0]:.{digits}f} to {interval[1]:.{digits}f}"


def count(value: int | float | None, noun: str = "", plural: str = "") -> str:
    """Return "4,500", or with a noun "1 row", "4,500 rows"."""
    if value is None:
        return _NONE
    text = f"{int(value):,}"
    return f"{text}{_SPACE}{noun if value == 1 else plural or noun + 's'}" if noun else text


def duration(seconds: float | None) -> str:
    """Return "0.4 s", "12 s" or "3 min 05 s"."""
    if seconds is None:
        return _NONE
    if seconds < 10:
        return f"{seconds:.1f}{_SPACE}s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}{_SPACE}min {rest:02d}{_SPACE}s" if minutes else f"{rest}{_SPACE}s"


def probability(p: float) -> str:
    """Return a p-value: "p = 0.03", "p < 0.0001"."""
    words = "p < 0.0001" if p < 0.0001 else f"p = {p:.2g}" if p < 0.995 else "p = 1"
    return words.replace(" ", _SPACE)
