"""The division keeps what belongs together on one side, and says what it did."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recurra.errors import LabelError
from recurra.tasks.series.learn.division import divide
from recurra.tasks.series.options import SeriesOptions


def digests(numbers: Sequence[int]) -> list[bytes]:
    return [str(number).encode() for number in numbers]


@given(st.lists(st.integers(0, 40), min_size=12, max_size=60), st.integers(0, 5))
def test_no_series_is_on_both_sides(numbers: list[int], seed: int) -> None:
    strata = np.arange(len(numbers)) % 2
    try:
        parts = divide(strata, digests(numbers), None, len(numbers), SeriesOptions(seed=seed, split=0.3))
    except LabelError:
        return
    sides = [{numbers[row] for row in np.flatnonzero(mask)} for mask in (parts.train | parts.valid, parts.test)]
    assert not sides[0] & sides[1]
    assert not (parts.train & parts.valid).any() and not (parts.test & (parts.train | parts.valid)).any()
    assert parts.train.any() and parts.test.any()


@given(st.integers(3, 12), st.integers(0, 5))
def test_groups_are_whole(count: int, seed: int) -> None:
    rows = count * 5
    groups = [f"g{row % count}" for row in range(rows)]
    strata = np.arange(rows) // count % 2
    parts = divide(strata, digests(range(rows)), groups, rows, SeriesOptions(seed=seed, split=0.3))
    of_test = {groups[row] for row in np.flatnonzero(parts.test)}
    of_rest = {groups[row] for row in np.flatnonzero(parts.train | parts.valid)}
    assert of_test and not of_test & of_rest
    assert f"{len(of_test)} of {count} groups held out" in parts.how


def test_each_label_is_held_out() -> None:
    strata = np.repeat([0, 1, 2], [80, 15, 5])
    parts = divide(strata, digests(range(100)), None, 100, SeriesOptions(split=0.2))
    assert set(strata[parts.test].tolist()) == {0, 1, 2} and 18 <= parts.test.sum() <= 21
    assert "stratified by label" in parts.how


def test_a_file_of_others_is_held_out_without_what_training_has() -> None:
    numbers = [*range(10), 3, 20, 21]
    parts = divide(np.arange(13) % 2, digests(numbers), None, 10, SeriesOptions(test="new.csv"))
    assert np.flatnonzero(parts.test).tolist() == [11, 12] and parts.leaked == 1
    assert parts.counts()["left_out_of_test_as_repeats"] == 1 and "new.csv" in parts.how
    owners = ["a"] * 10 + ["a", "b", "c"]
    shared = divide(np.arange(13) % 2, digests(range(13)), owners, 10, SeriesOptions(test="new.csv"))
    assert "1 of its groups are in training too" in shared.how


def test_too_few_are_refused() -> None:
    with pytest.raises(LabelError, match="no series to evaluate on"):
        divide(np.zeros(4, dtype=np.int64), digests([1, 1, 1, 1]), None, 4, SeriesOptions(split=0.2))
    with pytest.raises(LabelError, match="All series are of one group"):
        divide(np.arange(6) % 2, digests(range(6)), ["one"] * 6, 6, SeriesOptions(split=0.2))


def test_why_nothing_is_held_out_is_told() -> None:
    with pytest.raises(LabelError, match="All 4 series to evaluate on are in training too"):
        divide(np.arange(14) % 2, digests([*range(10), 3, 5, 1, 0]), None, 10, SeriesOptions(test="new.csv"))
    with pytest.raises(LabelError, match="All series are of one group, 'ann'"):
        divide(np.arange(9) % 2, digests(range(9)), ["ann"] * 9, 9, SeriesOptions())
