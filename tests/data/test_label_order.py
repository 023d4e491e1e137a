"""Classes in order: numbers by value, names by spelling."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recurra.data.label_order import class_order, stated_order
from recurra.errors import LabelError


@given(st.lists(st.integers(-50, 50), unique=True))
def test_whole_numbers_are_ordered_by_value(numbers: list[int]) -> None:
    assert class_order(map(str, numbers)) == [str(number) for number in sorted(numbers)]


@given(st.lists(st.text(), unique=True))
def test_the_order_is_that_of_one_kind_whatever_order_they_come_in(names: list[str]) -> None:
    assert class_order(names) == class_order(reversed(names))
    assert sorted(class_order(names)) == sorted(names)


def test_one_name_among_numbers_makes_all_of_them_names() -> None:
    assert class_order(["10", "9", "b"]) == ["10", "9", "b"]
    assert class_order(["10", "9", "-1", "007"]) == ["-1", "007", "9", "10"]
    assert class_order(["10", "9", "1.5"]) == ["1.5", "10", "9"]


@given(st.lists(st.floats(-1e6, 1e6), unique=True, min_size=1))
def test_numbers_of_any_kind_have_an_order(values: list[float]) -> None:
    assert stated_order([repr(value) for value in values], None) == [repr(value) for value in sorted(values)]


def test_names_are_ordered_as_is_said() -> None:
    assert stated_order(["good", "bad", "fair"], "bad, fair,good") == ["bad", "fair", "good"]


@pytest.mark.parametrize(
    ("names", "order", "message"),
    [
        (["1", "two"], None, "'two' is no number.*--order '1,two'"),
        (["1", "1.0"], None, "are one number"),
        (["1", "nan"], None, "'nan' is no number"),
        (["bad", "good"], "bad", "does not name every label.*'good'"),
        (["bad", "good"], "bad,fair,good", "no training row has: 'fair'"),
        (["bad", "good"], "bad,good,bad", "twice: 'bad'"),
    ],
)
def test_an_order_that_is_none_is_refused(names: list[str], order: str | None, message: str) -> None:
    with pytest.raises(LabelError, match=message):
        stated_order(names, order)
