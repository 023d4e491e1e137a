"""Ids set aside on disk read as the array that they were."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recurra.data import spill_file
from recurra.data.token_store import TokenStore

IDS = st.lists(st.integers(-(2**31), 2**31 - 1), max_size=20)
ENDS = st.none() | st.integers(-70, 70)


@given(st.lists(IDS, max_size=6), st.lists(st.tuples(ENDS, ENDS), max_size=8), st.integers(1, 40))
def test_slices_are_those_of_an_array(
    pieces: list[list[int]], parts: list[tuple[int | None, int | None]], buffer: int
) -> None:
    whole: list[int] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spill_file, "BUFFER", buffer)
        pool = TokenStore()
        for piece in pieces:
            pool.append(np.array(piece, dtype=np.int32))
            whole += piece
            assert len(pool) == len(whole)
            for start, end in parts:
                assert pool[start:end].tolist() == whole[start:end]
        pool.close()


def test_other_ids_take_the_place_of_all() -> None:
    pool = TokenStore()
    pool.append(np.array([1, 2, 3], dtype=np.int32))
    rows = [np.array(ids, dtype=np.int32) for ids in ([7], [], [8, 9])]
    assert pool.refill(iter(rows)).tolist() == [1, 0, 2]
    assert pool[:].tolist() == [7, 8, 9] and len(pool) == 3
    pool.close()


def test_a_step_is_refused() -> None:
    pool = TokenStore()
    with pytest.raises(ValueError, match="step of 2"):
        pool[::2]
    pool.close()
