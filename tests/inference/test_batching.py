"""Batches of similar lengths: every row once, within the budget of tokens."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from recurra.inference.batching import batches_by_length


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 9000), max_size=60), st.integers(1, 5000))
def test_batches_hold_every_row_once_within_the_budget(lengths: list[int], budget: int) -> None:
    batches = list(batches_by_length(np.array(lengths, dtype=np.int64), budget))
    assert sorted(int(row) for rows in batches for row in rows) == list(range(len(lengths)))
    for rows in batches:
        assert len(rows) == 1 or len(rows) * max(lengths[row] for row in rows) <= budget
