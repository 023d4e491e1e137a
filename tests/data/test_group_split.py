"""Whole groups are held out: none on both sides, as many rows and as even strata as groups allow."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.model_selection import GroupShuffleSplit

from recurra.data.group_split import holdout_groups
from recurra.errors import OptionError


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 9)), max_size=60),
    st.sampled_from([0.05, 0.1, 0.3, 0.5, 0.9]),
    st.integers(1, 3),
)
def test_no_group_is_on_both_sides_and_no_label_leaves_training(
    rows: list[tuple[int, int]], share: float, left: int
) -> None:
    labels, groups = (np.array([row[i] for row in rows], dtype=np.int64) for i in (0, 1))
    held = holdout_groups(labels, groups, share, 0, left=left)
    assert held.shape == (len(rows),)
    assert not set(groups[held]) & set(groups[~held])
    assert set(labels[~held]) == set(labels)
    assert len(set(groups[~held])) >= min(left, len(set(groups)))
    members = labels[:, None] == np.arange(4)
    of_sets = holdout_groups(members, groups, share, 0, left=left)
    assert not set(groups[of_sets]) & set(groups[~of_sets])
    assert members[~of_sets].any(0).tolist() == members.any(0).tolist()
    assert held.tolist() == holdout_groups(labels, groups, share, 0, left=left).tolist()
    if not held.any() and len(set(groups)) > left:  # then each group has all rows of some label
        for group in set(groups):
            assert set(labels) - set(labels[groups != group])


def test_of_few_groups_the_best_choice_is_found() -> None:
    rng = np.random.default_rng(3)
    groups = np.repeat(np.arange(8), rng.integers(3, 30, 8))
    labels = (rng.random(len(groups)) < 0.2 + 0.08 * groups).astype(int)
    target = 0.3 * np.array([len(labels), labels.sum(), (1 - labels).sum()])

    def off(chosen: np.ndarray) -> float:
        found = np.array([chosen.sum(), labels[chosen].sum(), (1 - labels)[chosen].sum()])
        return float(((found - target) ** 2 / target).sum())

    every = [np.isin(groups, some) for size in range(1, 8) for some in combinations(range(8), size)]
    ranked = sorted(map(off, every))
    assert off(holdout_groups(labels, groups, 0.3, 0)) <= ranked[3]  # of 254


def test_labels_are_more_even_than_by_groups_drawn_at_random() -> None:
    rng = np.random.default_rng(0)
    groups = rng.integers(0, 60, 3000)
    labels = (rng.random(3000) < rng.beta(0.5, 1.5, 60)[groups]).astype(int)
    mine, random = [], []
    for seed in range(5):
        held = holdout_groups(labels, groups, 0.2, seed)
        mine.append((abs(held.mean() - 0.2), abs(labels[held].mean() - labels.mean())))
        (_, test), *_ = GroupShuffleSplit(1, test_size=0.2, random_state=seed).split(labels, groups=groups)
        random.append((abs(len(test) / 3000 - 0.2), abs(labels[test].mean() - labels.mean())))
    assert (np.mean(mine, axis=0) < np.mean(random, axis=0) / 3).all()
    assert max(size for size, _ in mine) < 0.01


def test_where_every_group_is_too_large_the_smallest_is_held_out() -> None:
    groups = np.repeat([5, 3, 9, 1], [30, 10, 30, 30])
    held = holdout_groups(np.zeros(100, dtype=int), groups, 0.01, 0)
    assert set(groups[held]) == {3}
    assert not holdout_groups(groups, groups, 0.5, 0).any()  # a label for each group


def test_what_is_no_share_is_refused() -> None:
    with pytest.raises(OptionError, match="between 0 and 1"):
        holdout_groups(np.zeros(3), np.arange(3), 1.0, 0)
    with pytest.raises(ValueError, match="as many rows"):
        holdout_groups(np.zeros(3), np.arange(4), 0.5, 0)
