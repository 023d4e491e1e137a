"""What a cell beside the text says."""

from __future__ import annotations

import math
from datetime import date
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recurra.data.feature_cells import number_in, spelled


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        *((missing, None) for missing in (None, "", "  ", "NA", "null", math.nan, pd.NA, pd.NaT, np.float32("nan"))),
        (" a b ", "a b"), (3, "3"), (3.0, "3"), (np.int64(3), "3"), (np.float64(2.5), "2.5"), (True, "true"),
        (np.bool_(False), "false"), (Decimal("1.50"), "1.50"), (date(2024, 5, 1), "2024-05-01"), (math.inf, "inf"),
        (1e300, "1e+300"),
    ],
)  # fmt: skip
def test_a_value_is_spelled_as_in_a_csv(cell: object, value: str | None) -> None:
    assert spelled(cell) == value


@pytest.mark.parametrize("cell", [[1], {"a": 1}, object(), b"x"])
def test_a_value_of_another_kind_is_refused(cell: object) -> None:
    with pytest.raises(ValueError, match="no number and no text"):
        spelled(cell)


@given(st.floats() | st.integers(-(10**20), 10**20))
def test_a_number_is_read_as_it_was(number: float) -> None:
    text = spelled(number)
    if text is None:
        assert math.isnan(number)
    elif math.isinf(float(number)):
        assert math.isnan(number_in(text))
    else:
        assert number_in(text) == float(number)


@pytest.mark.parametrize("text", ["1,5", "1_000", "abc", "2024-05-01", "3 EUR", "0x10", "1e"])
def test_what_is_no_number(text: str) -> None:
    with pytest.raises(ValueError, match="which is no number"):
        number_in(text)


@pytest.mark.parametrize("text", ["inf", "-Infinity", "1e400", "nan"])
def test_a_number_that_is_infinite_is_missing(text: str) -> None:
    assert math.isnan(number_in(text))
