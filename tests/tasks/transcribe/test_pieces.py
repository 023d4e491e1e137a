"""Long sound in pieces."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from recurra.tasks.transcribe.pieces import pieces

RATE = 1_000


def noise(seconds: float, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(0.2, 0.1, int(seconds * RATE)).astype(np.float32)


@given(sizes=st.lists(st.integers(0, 5_000), max_size=12), longest=st.floats(1, 6))
@settings(max_examples=50, deadline=None)
def test_pieces_are_the_sound_and_none_is_too_long(sizes: list[int], longest: float) -> None:
    sound = noise(sum(sizes) / RATE)
    blocks = np.split(sound, np.cumsum(sizes)[:-1]) if sizes else []
    found = list(pieces(blocks, RATE, longest))
    assert np.array_equal(np.concatenate([sound[:0], *(piece for _, piece in found)]), sound)
    begun = 0
    for i, (second, piece) in enumerate(found):
        assert second == begun / RATE
        assert 0 < len(piece) <= longest * RATE
        assert i == len(found) - 1 or len(piece) >= int(longest * RATE) // 2
        begun += len(piece)


def test_a_piece_ends_in_a_pause() -> None:
    sound = noise(100)
    pauses = [7.0, 13.5, 22.0, 31.3, 38.0, 44.4, 52.0, 60.0, 69.0, 77.0, 85.0, 93.0]
    for pause in pauses:
        middle = int(pause * RATE)
        sound[middle - 200 : middle + 200] = 0.2 + sound[middle - 200 : middle + 200] / 100  # quiet, with an offset
    ends = [second for second, _ in pieces([sound], RATE, 20)][1:]
    assert len(ends) >= 5
    for end in ends:
        assert min(abs(end - pause) for pause in pauses) < 0.16


def test_short_sound_is_one_piece() -> None:
    sound = noise(30)
    ((second, piece),) = pieces(np.split(sound, 7 * [1_000]), RATE, 30)
    assert second == 0
    assert np.array_equal(piece, sound)
    assert list(pieces([], RATE)) == []
