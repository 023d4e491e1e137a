"""The ticks of an axis."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from recurra.report.svg import ticks


@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e6), st.integers(2, 9))
def test_ticks_are_within_and_few(low: float, span: float, about: int) -> None:
    marks = ticks(low, low + span, about)
    assert len(marks) <= about + 2
    assert all(low - span * 1e-6 - 1e-9 <= tick <= low + span * (1 + 1e-6) + 1e-9 for tick in marks)


def test_ticks_are_round() -> None:
    assert ticks(0.0, 1.0, 5) == [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    assert ticks(0.873, 0.931, 5) == [0.88, 0.9, 0.92]
    assert ticks(3, 3) == [3]
