"""Classes in order: numbers by value, names by spelling."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from recurra.data.label_order import class_order


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
