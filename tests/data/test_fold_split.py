"""Which fold each row is in."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recurra.data.fold_split import fold_numbers


@given(st.integers(0, 10**6), st.integers(2, 6), st.integers(8, 80), st.integers(1, 4))
def test_groups_stay_whole_no_fold_is_empty_and_it_repeats(seed: int, of: int, rows: int, classes: int) -> None:
    rng = np.random.default_rng(seed)
    strata = rng.integers(0, classes, rows)
    together = rng.integers(0, rows, rows)
    together[: rows // 3] = 0  # a large group
    numbers = fold_numbers(strata, together, of, seed)
    for group in np.unique(together):
        assert len(set(numbers[together == group].tolist())) == 1
    if len(np.unique(together)) >= of:
        assert set(numbers.tolist()) == set(range(of))
    np.testing.assert_array_equal(numbers, fold_numbers(strata, together, of, seed))


@pytest.mark.parametrize("of", [2, 3, 5, 10])
def test_single_rows_have_each_class_in_its_share(of: int) -> None:
    strata = np.random.default_rng(1).permutation(np.repeat([0, 1, 2], [200, 60, 11]))
    numbers = fold_numbers(strata, np.arange(271), of, 0)
    for name in range(3):
        counts = np.bincount(numbers[strata == name], minlength=of)
        assert counts.max() - counts.min() <= 1
    assert np.bincount(numbers).max() - np.bincount(numbers).min() <= 3
    assert (numbers != fold_numbers(strata, np.arange(271), of, 1)).any()


def test_labels_have_their_share_too() -> None:
    members = np.random.default_rng(2).random((300, 6)) < [0.5, 0.3, 0.1, 0.05, 0.02, 0.4]
    numbers = fold_numbers(members, np.arange(300), 5, 0)
    counts = np.array([members[numbers == fold].sum(axis=0) for fold in range(5)])
    assert (counts.max(axis=0) - counts.min(axis=0) <= 3).all()
    assert np.bincount(numbers).max() - np.bincount(numbers).min() <= 20


def test_a_text_that_dominates_leaves_rows_for_every_fold() -> None:
    strata = np.repeat([0, 1], 76)
    together = np.r_[np.zeros(60), np.arange(1, 17), np.full(60, 100), np.arange(101, 117)].astype(np.int64)
    assert (np.bincount(fold_numbers(strata, together, 5, 0), minlength=5) > 0).all()
