"""The texts of several columns as one, with a mark between them that no other text holds.

The mark is U+FDD0, which Unicode promises never to make a character. A tokenizer that reads several columns has a token
of its own for it (`Tokenizer.columns`), so that a model tells a title from the text that follows. A cell that holds
the mark has U+FFFD there instead.
"""

from __future__ import annotations

from collections.abc import Sequence

from recurra.data.normalise import normalise

MARK = "\ufdd0"
BETWEEN = f" {MARK} "
"""What stands between two texts."""
SHOWN = " | "
"""What people see there."""

_REPLACED = "\N{REPLACEMENT CHARACTER}"


def joined(cells: Sequence[str | None]) -> str:
    """Return the cells of one row as one text; "" where no cell has any text.

    A missing cell counts as an empty one, whose mark stays: the places of the others tell their columns.
    """
    texts = [(cell or "").replace(MARK, _REPLACED) for cell in cells]
    return BETWEEN.join(texts) if any(map(normalise, texts)) else ""


def parts(text: str) -> list[tuple[int, int]]:
    """Return (start, end) in a joined text of each of its cells."""
    found, start = [], 0
    for cell in text.split(BETWEEN):
        found.append((start, start + len(cell)))
        start += len(cell) + len(BETWEEN)
    return found


def readable(text: str) -> str:
    """Return a joined text for people to read; any other as it is."""
    return text.replace(BETWEEN, SHOWN) if MARK in text else text
