"""Numbers with their nouns."""

from __future__ import annotations

import pytest

from recurra.terminal.counts import counted


@pytest.mark.parametrize(
    ("count", "nouns", "expected"),
    [
        (1, ("row",), "1 row"),
        (0, ("row",), "0 rows"),
        (4500, ("row",), "4,500 rows"),
        (1, ("reply", "replies"), "1 reply"),
        (2, ("reply", "replies"), "2 replies"),
    ],
)
def test_one_is_singular(count: int, nouns: tuple[str, ...], expected: str) -> None:
    assert counted(count, *nouns) == expected
