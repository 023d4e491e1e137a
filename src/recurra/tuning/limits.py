"""How long a search goes on."""

from __future__ import annotations

import re

from recurra.errors import OptionError

SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
LONGEST = 365 * 86_400
"""A year, in seconds."""


def duration(text: str, option: str = "--timeout") -> float:
    """Return the seconds in a text such as 90s, 20m, 1h30m or 2d; of a bare number, they are minutes.

    option: that has it, for messages.
    Raises OptionError for another text, and for none or more than a year.
    """
    plain = text.strip().lower()
    if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", plain):
        seconds = float(plain) * 60
    elif re.fullmatch(r"([0-9]{1,9}(\.[0-9]{1,9})?[smhd])+", plain):
        seconds = sum(float(number) * SECONDS[unit] for number, unit in re.findall(r"([0-9.]+)([smhd])", plain))
    else:
        raise OptionError(f"{option} {text}: accepted are durations such as 90s, 20m, 1h30m or 2d.")
    if not 0 < seconds <= LONGEST:
        raise OptionError(f"{option} {text}: it must be more than nothing, and at most a year.")
    return seconds
