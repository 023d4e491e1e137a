"""How long a search goes on."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recurra.errors import OptionError
from recurra.tuning.limits import duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("20m", 1200), ("20", 1200), ("1h30m", 5400), ("2d", 172_800), (" 1.5H ", 5400), ("1h30", 5400)],
)
def test_durations(text: str, seconds: float) -> None:
    assert duration(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "soon", "-5m", "0", "0s", "5 m m", "20min", "1e3", "400d", "٣m", "nan", "9" * 400]
)
def test_what_is_none(text: str) -> None:
    with pytest.raises(OptionError, match="--time"):
        duration(text, "--time")


@given(st.integers(1, 300), st.integers(0, 59), st.integers(0, 59))
def test_parts_add_up(hours: int, minutes: int, seconds: int) -> None:
    assert duration(f"{hours}h{minutes}m{seconds}s") == hours * 3600 + minutes * 60 + seconds
