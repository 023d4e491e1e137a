"""Pairs in three parts: groups stay whole, held-out repeats are left out, and an empty part is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recurra.errors import DataError
from recurra.seq2seq.learn.split import divide, short_enough
from recurra.seq2seq.options import Seq2SeqOptions


def options(**given: Any) -> Seq2SeqOptions:
    return Seq2SeqOptions(**{"split": 0.2, "valid": 0.2, **given})


@given(st.lists(st.integers(0, 40), min_size=150, max_size=300), st.integers(0, 5))
def test_a_group_is_on_one_side_and_no_pair_is_in_two_parts(numbers: list[int], seed: int) -> None:
    groups = np.array([*range(41), *numbers])
    parts = divide(groups, 0, options(seed=seed), "repeats")
    masks = np.array([parts.train, parts.valid, parts.test])
    assert masks.sum(axis=0).tolist() == [1] * len(groups)
    sides = [set(groups[mask].tolist()) for mask in masks]
    assert not (sides[0] & sides[1] or sides[0] & sides[2] or sides[1] & sides[2])
    assert parts.leaked == 0


def test_the_pairs_of_a_file_are_held_out_but_for_those_of_training() -> None:
    groups = np.array([*range(50), 3, 60, 7, 61])
    parts = divide(groups, 4, options(test="other.tsv"), "repeats")
    assert np.flatnonzero(parts.test).tolist() == [51, 53]
    assert parts.leaked == 2 and "other.tsv" in parts.how and "2 held-out pairs" in parts.how
    assert (parts.train | parts.valid)[:50].all()
    fewer = divide(groups, 4, options(test="other.tsv", rows=20), "repeats")
    assert (fewer.train | fewer.valid).sum() == 20


def test_a_part_without_a_pair_is_refused() -> None:
    with pytest.raises(DataError, match="2 held-out pairs repeat one in training"):
        divide(np.array([*range(50), 1, 2]), 2, options(test="t"), "repeats")
    with pytest.raises(DataError, match="No pair is left to"):
        divide(np.zeros(9, dtype=np.int64), 0, options(), "repeats")


def test_both_sides_must_be_short_enough() -> None:
    rows, lengths = np.array([0, 2, 3]), [np.array([1, 9, 5, 6]), np.array([5, 1, 5, 1])]
    assert short_enough(rows, lengths, 5).tolist() == [0, 2]
