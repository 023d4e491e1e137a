"""Series out of JSON, and one clear sentence for what is none, without what was sent."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from recurra.http.errors import HTTPError
from recurra.http.options import ServeOptions
from recurra.tasks.series.http.given import one, several
from support.series import inputs, made

MODEL, ALONE = made(), made(channels=1, masks=0)
OPTIONS = ServeOptions(max_inputs=3, max_steps=5)
STEP = [1, 2.5, None]


def test_one_or_several_series_with_missing_values() -> None:
    (found,) = several([STEP, [4, 5, 6]], MODEL, OPTIONS)
    np.testing.assert_array_equal(found, [[1, 2.5, np.nan], [4, 5, 6]])
    found, other = several([[STEP], [[4, 5, 6], STEP]], MODEL, OPTIONS)
    assert found.shape == (1, 3) and other.shape == (2, 3)
    assert [len(series) for series in several([[STEP]], MODEL, OPTIONS)] == [1]


def test_a_single_channel_needs_no_lists_of_its_own() -> None:
    np.testing.assert_array_equal(one([1, None, 3], ALONE, OPTIONS), [[1], [np.nan], [3]])
    np.testing.assert_array_equal(one([[1], [2]], ALONE, OPTIONS), [[1], [2]])
    assert [series.tolist() for series in several([[[1], [2]], [[3]]], ALONE, OPTIONS)] == [[[1], [2]], [[3]]]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (None, "series must be a list of steps"),
        ("secret", "series must be a list of steps"),
        ([], "needs one step at least"),
        ([[]], "series.0 has 0 values; a step of this model has 3"),
        ([STEP, [1, 2]], "series.1 has 2 values"),
        ([STEP, 5], "series.1 must be a list of 3 values"),
        ([1, 2, 3], "series.0 must be a list of 3 values"),
        ([STEP, [1, "secret", 2]], "series.1.1 must be a number, or null"),
        ([STEP, [1, 2, True]], "series.1.2 must be a number, or null"),
        ([STEP, [1, 2, 1e31]], "numbers beyond 1e30"),
        ([STEP] * 6, "series has 6 steps; at most 5 are read"),
        ([[STEP]] * 4, "series has 4 series; at most 3"),
        ([[STEP], []], "series.1 must be a list of steps"),
        ([[STEP], "secret"], "series.1 must be a list of steps"),
        ([[STEP], [[1, 2, "secret"]]], "series.1.0.2 must be a number"),
        ([[STEP], [[1, 2]]], "series.1.0 has 2 values"),
        ([[[[1]], [2], [3]]], "series.0.0 has 1 value;"),
        ([[STEP, {"secret": 1}]], "series.0.1 must be a list of 3 values"),
    ],
)
def test_what_is_no_series_is_a_422(given: Any, message: str) -> None:
    with pytest.raises(HTTPError) as raised:
        several(given, MODEL, OPTIONS)
    assert raised.value.status == 422 and message in raised.value.message and "secret" not in raised.value.message


def test_flat_numbers_are_checked_too() -> None:
    with pytest.raises(HTTPError, match=r"series\.1 must be a number"):
        one([1, "a"], ALONE, OPTIONS)
    with pytest.raises(HTTPError, match=r"series\.1 must be a list of 1 value;"):
        one([[1], 2], ALONE, OPTIONS)


def test_missing_values_that_are_refused_are_named() -> None:
    model = made(masks=0)
    model.inputs = inputs(3, 0).model_copy(update={"missing": "refuse"})
    with pytest.raises(HTTPError, match=r"series\.1: a series has a missing value \(step 1 of 1, channel 'c2'\)"):
        several([[[1, 2, 3]], [STEP]], model, OPTIONS)
