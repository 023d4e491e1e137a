"""Rows are read longest first, and every real step once."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from recurra.kernel.ragged import Ragged


@given(lengths=st.lists(st.integers(1, 9), min_size=1, max_size=12), parts=st.integers(1, 3))
def test_every_real_step_once_in_the_order_of_reading(lengths: list[int], parts: int) -> None:
    parts = min(parts, len(lengths))
    ragged = Ragged.of(np.array(lengths), 10, parts)
    expected = {10 * row + step for row, length in enumerate(lengths) for step in range(length)}
    for backward in (False, True):
        positions = ragged.positions(backward).tolist()
        assert len(positions) == ragged.total == sum(lengths)
        assert set(positions) == expected
        for row, length in enumerate(lengths):
            own = [position % 10 for position in positions if position // 10 == row]
            assert own == list(range(length))[:: -1 if backward else 1]
    for part in ragged.parts:
        assert part.length.tolist() == sorted(part.length.tolist(), reverse=True)
        assert part.active.tolist() == [sum(n > t for n in part.length) for t in range(part.length[0])]
        assert part.offset.tolist() == [sum(part.active[:t]) for t in range(len(part.active) + 1)]
