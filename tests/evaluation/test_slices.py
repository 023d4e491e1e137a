"""Parts of the rows by a column or a number: every row in one, the worst first, many values and few rows bounded."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recurra.data.cell_column import CellColumn
from recurra.evaluation.comparison import ACCURACY, MEAN_ABSOLUTE_ERROR, MICRO_F1
from recurra.evaluation.intervals import wilson
from recurra.evaluation.slices import EMPTY, MOST, SMALL, buckets, by_column


def column_of(cells: list[str | None]) -> CellColumn:
    column = CellColumn("c")
    for cell in cells:
        column.add(cell)
    return column


@given(st.lists(st.integers(0, 30), max_size=60), st.integers(1, 6))
def test_buckets_part_all_rows_in_order_and_no_value(values: list[int], count: int) -> None:
    given_values = np.array(values)
    found = list(buckets(given_values, count))
    assert len(found) <= count and sum(mask.sum() for mask in found) == len(values)
    ends = [(given_values[mask].min(), given_values[mask].max()) for mask in found]
    assert all(one[1] < two[0] for one, two in pairwise(ends))


@given(
    st.lists(st.none() | st.sampled_from([f"v{i}" for i in range(40)]), min_size=1, max_size=120),
    st.integers(0, 2**31),
)
def test_every_row_is_in_one_slice(cells: list[str | None], seed: int) -> None:
    right = np.random.default_rng(seed).random(len(cells)) < 0.6
    found = by_column(column_of(cells), None, right, ACCURACY, lambda rows: {"own": int(rows.sum())})
    assert sum(one["rows"] for one in found["slices"]) == len(cells)
    assert all(one["own"] == one["rows"] and one["small"] == (one["rows"] < SMALL) for one in found["slices"])
    assert len(found["slices"]) <= MOST + 2 and not found["ranges"]
    named = {one["name"]: one for one in found["slices"]}
    for value in set(cells):
        mine = np.array([cell == value for cell in cells])
        if (one := named.get(value or EMPTY)) is not None:
            assert (one["rows"], one["accuracy"]) == (mine.sum(), right[mine].mean())
            assert one["accuracy_ci95"] == list(wilson(int(right[mine].sum()), int(mine.sum())))
    keys = [(one["small"], one["accuracy"]) for one in found["slices"]]
    assert keys == sorted(keys)


def test_numbers_are_cut_into_ranges_and_few_of_them_are_not() -> None:
    errors = np.arange(200, dtype=float)
    cells: list[str | None] = [str(n / 2) if n % 20 else "" for n in range(200)]
    found = by_column(column_of(cells), None, errors, MEAN_ABSOLUTE_ERROR)
    assert found["ranges"] and found["values"] == 190
    assert [one["name"] for one in found["slices"]][:1] == ["80.5 to 99.5"]  # the largest error is the worst
    assert [one["name"] for one in found["slices"]][-1] == EMPTY  # of 10 rows
    assert found["slices"][0]["clearly"] == "worse"
    assert found["slices"][0]["mae"] == errors[[n for n in range(161, 200) if n % 20]].mean()
    few = by_column(column_of([str(n % 3) for n in range(90)]), None, errors[:90], MEAN_ABSOLUTE_ERROR)
    assert not few["ranges"] and {one["name"] for one in few["slices"]} == {"0", "1", "2"}
    mixed = by_column(column_of([*map(str, range(30)), "x"]), None, errors[:31], MEAN_ABSOLUTE_ERROR)
    assert not mixed["ranges"]


def test_rare_values_are_one_slice_and_what_chance_would_not_do_is_marked() -> None:
    cells = [f"v{n}" for n in range(60)] + ["a"] * 300 + ["b"] * 300
    right = np.array([True] * 60 + [True] * 290 + [False] * 10 + [True] * 200 + [False] * 100)
    found = by_column(column_of([*cells]), None, right, ACCURACY)
    named = {one["name"]: one for one in found["slices"]}
    assert found["values"] == 62 and named["(42 other values)"]["rows"] == 42
    assert (named["b"]["clearly"], named["a"]["clearly"]) == ("worse", "better")
    assert found["slices"][0]["name"] == "b"
    alone = by_column(column_of(["a"] * 50), None, right[:50], ACCURACY)["slices"]
    assert [one["clearly"] for one in alone] == [None]


def test_only_the_judged_rows_count() -> None:
    column, judged = column_of(["a", "b", "b", "c", None]), np.array([True, False, True, True, False])
    found = by_column(column, judged, np.array([1.0, 2.0, 3.0]), MEAN_ABSOLUTE_ERROR)
    assert {one["name"]: (one["rows"], one["mae"]) for one in found["slices"]} == {
        "a": (1, 1.0),
        "b": (1, 2.0),
        "c": (1, 3.0),
    }
    assert found["values"] == 3


@pytest.mark.parametrize("rows", [1, 2, 50])
def test_sets_of_labels_have_slices_of_any_size(rows: int) -> None:
    counted = np.random.default_rng(rows).integers(0, 4, (rows, 3)).astype(float)
    counted[:, 0] = np.minimum(counted[:, 0], counted[:, 1:].min(axis=1))
    (one,) = by_column(column_of(["a"] * rows), None, counted, MICRO_F1)["slices"]
    low, high = one["micro_f1_ci95"]
    assert 0 <= low <= one["micro_f1"] <= high <= 1
