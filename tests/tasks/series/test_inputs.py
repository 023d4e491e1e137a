"""From series to frames: missing values by each choice, against loops, and what is no series is refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from recurra.data.series.missing import Missing
from recurra.errors import ArtefactError, DataError
from recurra.tasks.series.inputs import SeriesInputs
from support.series import inputs, shape

NAN = float("nan")
VALUES = st.one_of(st.just(NAN), st.integers(-9, 9))
TABLES = st.integers(1, 3).flatmap(
    lambda channels: st.lists(st.lists(VALUES, min_size=channels, max_size=channels), min_size=1, max_size=9)
)


def filled(values: NDArray[np.float32], how: Missing, means: list[float]) -> list[list[float]]:
    """The frames by a loop over the values."""
    columns = []
    for column, mean in zip(values.T.tolist(), means, strict=True):
        known = [value for value in column if value == value]
        last = known[0] if known else mean
        done = []
        for value in column:
            if value == value:
                last = value
            done.append(value if value == value else mean if how == "mask" else last)
        columns.append(done)
    return [list(row) for row in zip(*columns, strict=True)]


@given(table=TABLES, how=st.sampled_from(["mask", "forward-fill"]))
def test_missing_values_are_filled_and_marked(table: list[list[float]], how: Missing) -> None:
    values = np.array(table, dtype=np.float32)
    made = SeriesInputs.of([f"c{c}" for c in range(values.shape[1])], [values], how)
    if np.isnan(values).all():
        with pytest.raises(DataError, match="A series has no value"):
            made.frames(values)
        return
    means = [float(np.nanmean(column)) if np.isfinite(column).any() else 0.0 for column in values.T]
    assert made.means == pytest.approx(means)
    frames = made.frames(values)
    assert frames.dtype == np.float32 and np.isfinite(frames).all()
    np.testing.assert_allclose(frames[:, : values.shape[1]], filled(values, how, means), rtol=1e-6)
    lacking = np.isnan(values)
    expected = lacking[:, lacking.any(axis=0)] if how == "mask" else np.zeros((len(values), 0))
    np.testing.assert_array_equal(frames[:, values.shape[1] :], expected)
    assert SeriesInputs.model_validate_json(made.to_json()) == made


def test_missing_values_can_be_refused_in_training_and_later() -> None:
    with pytest.raises(DataError, match=r"1 missing value .*'b'"):
        SeriesInputs.of(["a", "b"], [np.array([[1, NAN]], dtype=np.float32)], "refuse")
    whole = SeriesInputs.of(["a", "b"], [np.ones((2, 2), dtype=np.float32)], "refuse")
    with pytest.raises(DataError, match=r"\(step 2 of 3, channel 'b'\), which this model refuses: it was trained with"):
        whole.frames([[1, 2], [3, NAN], [NAN, 2]])


def test_one_channel_needs_no_second_axis() -> None:
    one = inputs(1, 0)
    np.testing.assert_array_equal(one.frames([1, 2]), one.frames([[1], [2]]))


@pytest.mark.parametrize(
    ("series", "message"),
    [
        ([], "3 channels"),
        (np.empty((0, 3)), "no values"),
        ([[1, 2]], "3 channels; this one has 2"),
        ([1, 2, 3], r"3 channels, \[steps, 3\]; this one is a list of numbers, not of frames"),
        ([["a", "b", "c"]], "must be numbers"),
        ([[1, 2, 3], [1]], "must be numbers"),
        ([[1, 2, float("inf")]], "infinite"),
        ([[1, 2, -1e31]], "beyond"),
        (np.ones((2, 3, 3)), "shape"),
        (None, "shape"),
        ([[1, 2, 3j]], "must be numbers"),
    ],
)
def test_what_is_no_series_is_refused(series: object, message: str) -> None:
    with pytest.raises(DataError, match=message):
        inputs().frames(series)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "content",
    [
        b"{}",
        b"[]",
        b"{",
        inputs(2).to_json().encode(),
        inputs(3, 2).to_json().encode(),
        inputs().to_json().replace("[0]", "[3]").encode(),
        inputs().to_json().replace("0.5", "NaN").encode(),
        inputs().to_json().replace("mask", "guess", 1).encode(),
    ],
)
def test_a_file_of_another_model_is_refused(content: bytes) -> None:
    with pytest.raises(ArtefactError, match=r"tokenizer\.json"):
        SeriesInputs.from_json(content, shape())
    assert SeriesInputs.from_json(inputs().to_json().encode(), shape()) == inputs()
