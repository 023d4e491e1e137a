"""Buckets are large enough, not much larger, and few."""

from __future__ import annotations

from recurra.nn.shape_buckets import pad_to_bucket


def test_a_bucket_is_at_most_an_eighth_larger() -> None:
    for size in range(20_000):
        bucket = pad_to_bucket(size)
        assert size <= bucket <= max(size * 9 / 8, size + 63)


def test_there_are_few_buckets() -> None:
    buckets = [pad_to_bucket(size) for size in range(1, 2**16 + 1)]
    assert buckets == sorted(buckets)
    assert len(set(buckets)) <= 8 + 8 * 7  # 64 to 512 in steps of 64, then 8 an octave
    assert all(pad_to_bucket(size) == size for size in buckets)
