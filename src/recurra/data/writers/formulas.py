"""Cells that a spreadsheet would run: it takes for a formula what begins with = + - @, and some programs look further.

A formula in a text that somebody sent can read other cells and send them away, or start programs. An apostrophe in
front makes it text. Numbers with a sign stay as they are: they run nothing, and would no longer be numbers.
"""

from __future__ import annotations

import re

_RUNS = re.compile(r"[\s\"\u200b\u200e\u200f\ufeff]*[=+\-@＝＋－＠]|[\t\r\n]")
"""Also after white space, quotes and invisible characters, which programs drop, and in full width, which some fold; a
tab or a line end at the start can make a cell of its own of what follows."""

_NUMBER = re.compile(r"\s*[+-]?(\d+([.,]\d+)*|[.,]\d+)([eE][+-]?\d+)?%?\s*", re.ASCII)


def defused(cell: str) -> str:
    """Return the cell, with an apostrophe in front where a spreadsheet could run it."""
    return f"'{cell}" if _RUNS.match(cell) and not _NUMBER.fullmatch(cell) else cell
