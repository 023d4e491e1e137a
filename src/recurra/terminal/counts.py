"""A number with its noun, in a sentence for a person."""

from __future__ import annotations


def counted(count: int, noun: str, plural: str = "") -> str:
    """Return "1 row", "4,500 rows"."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"
