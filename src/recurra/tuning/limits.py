"""How long a search goes on."""

from __future__ import annotations

import re

from recurra.errors import OptionError

PART = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)([smhd])")
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
LONGEST = 365 * 86_400
"""A year, in seconds."""


def duration(text: str, option: str = "--timeout") -> float:
    """Return the seconds in a text such as 90s, 20m, 1h30m or 2d; of a number without a unit, they are minutes.

    option: that has it, for messages.
    Raises OptionError for another text, and for none or more than a year.
    """
    plain = text.strip().lower()
    if plain[-1:].isdigit():
        plain += "m"
    seconds, place = 0.0, 0
    while part := PART.match(plain, place):
        seconds += float(part[1]) * SECONDS[part[2]]
        place = part.end()
    if not plain or place < len(plain):
        raise OptionError(f"{option} {text}: accepted are durations such as 90s, 20m, 1h30m or 2d.")
    if not 0 < seconds <= LONGEST:
        raise OptionError(f"{option} {text}: it must be more than nothing, and at most a year.")
    return seconds
