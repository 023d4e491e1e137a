"""What all readers return, and what none lets through."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from recurra.data.series.series_set import channel_names, collected
from recurra.errors import DataError, ReadError

PATH = Path("some.csv")


def test_values_keep_their_series_and_missing_ones_are_counted() -> None:
    one, two = np.array([[1.0, np.nan], [3.0, 4.0]]), np.array([[np.nan, np.nan]])
    found = collected(PATH, ["y", "x"], ["a", "b"], [one, two], {"label": [1, 2]}, ["Said before."])
    np.testing.assert_array_equal(found.values[0], one.astype(np.float32))
    np.testing.assert_array_equal(found.values[1], two.astype(np.float32))
    assert found.values[0].dtype == np.float32
    assert found.notes == [
        "Said before.",
        "Channel 'y': 1 of 3 values are missing.",
        "Channel 'x': 2 of 3 values are missing.",
    ]


@pytest.mark.parametrize("value", [np.inf, -np.inf, 1e39])
def test_what_is_not_finite_in_32_bits_is_named_with_its_place(value: float) -> None:
    values = [np.zeros((3, 2)), np.array([[0.0, 1.0], [2.0, value]])]
    with pytest.raises(DataError, match="series 'b', frame 2, channel 'x'"):
        collected(PATH, ["y", "x"], ["a", "b"], values, {})


def test_no_series_and_no_frames_are_errors() -> None:
    with pytest.raises(ReadError, match="no series"):
        collected(PATH, ["y"], [], [], {})
    with pytest.raises(ReadError, match="series 'b' has no frames"):
        collected(PATH, ["y"], ["a", "b"], [np.zeros((1, 1)), np.zeros((0, 1))], {})


def test_channels_without_names_are_numbered() -> None:
    assert channel_names(3) == ("channel0", "channel1", "channel2")
