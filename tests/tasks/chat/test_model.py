"""Which turns a reply is made from."""

from __future__ import annotations

from recurra.tasks.chat.model import OTHER, SELF, source_of


def test_speakers_are_marked_and_the_oldest_pieces_are_dropped() -> None:
    turns = [[10, 11], [12], [], [13, 14]]
    assert source_of(turns, 3, 99) == [SELF, 10, 11, OTHER, 12, OTHER, 13, 14]
    assert source_of(turns, 2, 99) == [OTHER, 12, OTHER, 13, 14]
    assert source_of(turns, 3, 4) == [12, OTHER, 13, 14]
    assert source_of([], 3, 4) == []
