"""Properties of the stratified split of rows with several labels: whole groups, shares of each label, determinism."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from recurra.data.label_split import holdout_labels
from recurra.errors import OptionError

SEEDS = st.integers(0, 2**32 - 1)
FRACTIONS = st.floats(0.01, 0.99)
MEMBERS = arrays.arrays(np.bool_, st.tuples(st.integers(0, 50), st.integers(1, 6)))


@settings(deadline=None)
@given(MEMBERS, st.data(), FRACTIONS, SEEDS)
def test_groups_stay_whole_and_no_label_leaves_training(
    members: NDArray[np.bool_], data: st.DataObject, fraction: float, seed: int
) -> None:
    rows = len(members)
    groups = data.draw(arrays.arrays(np.int64, rows, elements=st.integers(-3, max(1, rows // 2))))
    held = holdout_labels(members, groups, fraction, seed)
    assert held.dtype == np.bool_ and held.shape == (rows,)
    assert not set(groups[held]) & set(groups[~held])
    assert np.array_equal(held, holdout_labels(members, groups * 5 + 1, fraction, seed))  # the same, whatever numbers
    assert not rows or not held.all()
    for label in range(members.shape[1]):
        if members[:, label].any():
            assert members[~held, label].any()


@settings(deadline=None, max_examples=60)
@given(MEMBERS, st.floats(0.05, 0.5), SEEDS)
def test_each_part_has_its_share_of_the_rows(members: NDArray[np.bool_], fraction: float, seed: int) -> None:
    held = holdout_labels(members, np.arange(len(members)), fraction, seed)
    assert abs(held.sum() - fraction * len(members)) <= 1 + members.shape[1]
    bare = ~members.any(axis=1)
    if bare.sum() == len(members):
        assert abs(held.sum() - fraction * len(members)) <= 1


def test_rare_labels_are_held_out_in_their_share_which_chance_does_not_see_to() -> None:
    rng = np.random.default_rng(0)
    shares = np.array([0.4, 0.2, 0.1, 0.02, 0.02, 0.01, 0.01])
    members = rng.random((2_000, 7)) < shares
    off, by_chance = [], []
    for seed in range(10):
        held = holdout_labels(members, np.arange(2_000), 0.1, seed)
        random = rng.permutation(2_000) < 200
        off.append(np.abs(members[held].sum(axis=0) / members.sum(axis=0) - 0.1))
        by_chance.append(np.abs(members[random].sum(axis=0) / members.sum(axis=0) - 0.1))
        assert abs(held.sum() - 200) <= 7
    assert np.max(off) < 0.05  # a row or two of the rarest
    assert np.mean(off) < np.mean(by_chance) / 3
    assert len({holdout_labels(members, np.arange(2_000), 0.1, seed).tobytes() for seed in range(3)}) == 3


def test_one_label_in_one_group_is_learnt_from() -> None:
    members = np.array([[True, False]] * 4 + [[False, True]])
    held = holdout_labels(members, np.array([0, 0, 1, 1, 2]), 0.5, 0)
    assert not held[4] and held[:4].sum() == 2


@pytest.mark.parametrize("fraction", [0.0, 1.0, -1.0])
def test_what_is_no_share_is_refused(fraction: float) -> None:
    with pytest.raises(OptionError, match="between 0 and 1"):
        holdout_labels(np.ones((3, 1), dtype=bool), np.arange(3), fraction, 0)
    with pytest.raises(ValueError, match="as many rows"):
        holdout_labels(np.ones((3, 1), dtype=bool), np.arange(2), 0.5, 0)
