"""Which histories are read."""

from __future__ import annotations

import numpy as np
import pytest

from recurra.errors import DataError
from recurra.tasks.forecast.history import History, checked


def test_an_array_is_a_history_without_a_name() -> None:
    history = checked([1, 2, np.nan, 4])
    np.testing.assert_array_equal(history.values, [1, 2, np.nan, 4])
    assert (len(history), history.name, history.past) == (4, None, None)


def test_as_it_was() -> None:
    history = History(np.arange(6.0), "a", np.arange(12.0).reshape(6, 2), np.arange(9.0)[:, None], np.array([1.0]))
    before = history.until(4, 2)
    assert (len(before), before.name) == (4, "a")
    assert before.past is not None
    assert before.future is not None
    assert (before.past.shape, before.future.shape) == ((4, 2), (6, 1))


@pytest.mark.parametrize(
    ("history", "said"),
    [
        ([1.0, np.nan, 2.0], "A series has 2 known values; at least 3"),
        ([], "0 known values"),
        (["a", "b"], "are not numbers"),
        ([[1.0], [2.0], [3.0]], r"shape \[steps\], not \[3, 1\]"),
        ([1.0, 2, 3, np.inf], "infinite, or beyond"),
        (History(np.arange(4.0), "x", past=np.zeros((3, 1))), "Series 'x' has 4 steps and 3 of its past covariates"),
        (History(np.arange(4.0), "x", future=np.zeros(6)), r"future covariates must have the shape \[steps, cov"),
        (History(np.arange(4.0), "x", static=np.zeros((1, 1))), "static covariates must have"),
    ],
)
def test_what_is_no_history_is_an_error(history: object, said: str) -> None:
    with pytest.raises(DataError, match=said):
        checked(history)  # type: ignore[arg-type]
