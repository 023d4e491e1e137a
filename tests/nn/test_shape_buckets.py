"""Rounded sizes: enough, not much more, and few."""

from __future__ import annotations

from recurra.nn.shape_buckets import rounded_up


def test_there_is_room_and_little_of_it_is_unused() -> None:
    for size in range(20_000):
        room = rounded_up(size)
        assert size <= room <= max(size * 9 / 8, size + 63)


def test_there_are_few() -> None:
    found = [rounded_up(size) for size in range(1, 2**16 + 1)]
    assert found == sorted(found)
    assert len(set(found)) <= 8 + 8 * 7  # 64 to 512 in steps of 64, then 8 an octave
    assert all(rounded_up(size) == size for size in found)
