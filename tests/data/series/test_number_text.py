"""Numbers as text, against Python's own float."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recurra.data.series.number_text import NotANumber, is_missing, numbers


@given(st.lists(st.floats(width=64) | st.sampled_from([None, "", "  ", "?", "NA", "null", "nan", "<NA>", "None"])))
def test_numbers_come_back_and_the_missing_are_nan(given_values: list[float | str | None]) -> None:
    texts = [repr(value) if isinstance(value, float) else value for value in given_values]
    expected = [value if isinstance(value, float) else np.nan for value in given_values]
    np.testing.assert_array_equal(numbers(texts), np.array(expected, dtype=np.float64))


@pytest.mark.parametrize("text", ["one", "1_000", "1,5", "0x1", "true"])
def test_the_first_text_that_is_no_number_is_named(text: str) -> None:
    with pytest.raises(NotANumber) as caught:
        numbers(["1", None, text, "two"])
    assert (caught.value.place, caught.value.text) == (2, text)


def test_what_is_missing() -> None:
    assert all(map(is_missing, [None, "", " ", "NaN", "?"]))
    assert not any(map(is_missing, ["0", "no", "inf"]))
