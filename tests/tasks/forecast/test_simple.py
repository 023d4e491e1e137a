"""The last season again, and a straight line."""

from __future__ import annotations

import numpy as np
import pytest

from recurra.errors import DataError
from recurra.tasks.forecast.simple import drift, seasonal_naive


def test_the_last_season_comes_again() -> None:
    np.testing.assert_array_equal(seasonal_naive([9, 8, 7, 4, 5, 6], 3, 7), [4, 5, 6, 4, 5, 6, 4])
    np.testing.assert_array_equal(seasonal_naive([9, 8, 7], 1, 2), [7, 7])
    np.testing.assert_array_equal(seasonal_naive([9, 8, 7], 3, 2), [7, 7])


def test_what_is_missing_there_is_of_the_season_before() -> None:
    nan = np.nan
    np.testing.assert_array_equal(seasonal_naive([1, 2, 3, 4, nan, 6], 3, 4), [4, 2, 6, 4])
    np.testing.assert_array_equal(seasonal_naive([1, nan, 3, 4, nan, nan], 3, 3), [4, 4, 3])
    np.testing.assert_array_equal(seasonal_naive([2, nan], 1, 2), [2, 2])


def test_the_line_goes_through_both_ends() -> None:
    np.testing.assert_allclose(drift([2, 9, 1, 8], 3), [10, 12, 14])
    np.testing.assert_allclose(drift([np.nan, 3, np.nan, 7, np.nan], 2), [11, 13])
    np.testing.assert_allclose(drift([5], 2), [5, 5])


@pytest.mark.parametrize("history", [[], [np.nan, np.nan]])
def test_nothing_known_is_an_error(history: list[float]) -> None:
    with pytest.raises(DataError, match="no known value"):
        seasonal_naive(history, 2, 3)
    with pytest.raises(DataError, match="no known value"):
        drift(history, 3)
