"""Properties of the split: whole groups, class counts, determinism."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from recurra.data.split import holdout, leaked_rows
from recurra.errors import OptionError

SEEDS = st.integers(0, 2**32 - 1)
FRACTIONS = st.floats(0.01, 0.99)
LABELS = arrays.arrays(np.int64, st.integers(0, 60), elements=st.integers(0, 3))


@settings(deadline=None)
@given(LABELS, FRACTIONS, SEEDS)
def test_without_groups_the_counts_are_exact(labels: NDArray[np.int64], fraction: float, seed: int) -> None:
    held = holdout(labels, np.arange(len(labels)), fraction, seed)
    assert held.dtype == np.bool_
    for label in np.unique(labels):
        rows = int((labels == label).sum())
        assert held[labels == label].sum() == min(round(fraction * rows), rows - 1)  # no class leaves training


@settings(deadline=None)
@given(LABELS, st.data(), FRACTIONS, SEEDS)
def test_a_group_is_never_on_both_sides(
    labels: NDArray[np.int64], data: st.DataObject, fraction: float, seed: int
) -> None:
    n = len(labels)
    groups = data.draw(arrays.arrays(np.int64, n, elements=st.integers(-3, max(1, n // 2))))
    held = holdout(labels, groups, fraction, seed)
    assert not set(groups[held]) & set(groups[~held])
    assert not leaked_rows(groups[~held], groups[held]).any()
    assert np.array_equal(held, holdout(labels.astype(np.int32), groups, fraction, seed))  # the same again
    assert np.array_equal(held, holdout(labels * 7 - 3, groups * 5 + 1, fraction, seed))  # whatever the numbers are
    if n:
        largest = np.bincount(np.unique(groups, return_inverse=True)[1]).max()
        classes = len(np.unique(labels))
        assert held.sum() <= fraction * n + classes / 2
        lone = len(np.unique(groups)) <= 1
        assert lone <= (not held.any())
        pure = all(len(np.unique(labels[groups == group])) == 1 for group in np.unique(groups))
        for label in np.unique(labels) if pure else ():
            mine = labels == label
            target = min(round(fraction * int(mine.sum())), int(mine.sum()) - 1)
            if len(np.unique(groups[mine])) == 1:
                assert not held[mine].any()
            else:
                assert target - largest < held[mine].sum() <= target


def test_as_in_the_tutorial_45_000_of_50_000() -> None:
    labels = np.arange(50_000) % 2
    held = holdout(labels, np.arange(50_000), 0.1, 0)
    assert [int(held[labels == k].sum()) for k in (0, 1)] == [2500, 2500]
    other = holdout(labels, np.arange(50_000), 0.1, 1)
    assert 300 < (held & other).sum() < 700  # another seed, another draw


def test_every_row_is_held_out_about_equally_often() -> None:
    labels, groups = np.array([0] * 30 + [1] * 10), np.arange(40)
    times = sum(holdout(labels, groups, 0.2, seed).astype(int) for seed in range(500))
    assert np.abs(np.asarray(times) / 500 - 0.2).max() < 0.08


def test_a_mixed_group_goes_whole_and_counts_once() -> None:
    labels = np.array([0, 0, 1, *[0] * 20, *[1] * 20])
    groups = np.array([9, 9, 9, *range(10, 50)])
    sides = {tuple(holdout(labels, groups, 0.3, seed)[:3]) for seed in range(60)}
    assert sides == {(False,) * 3, (True,) * 3}


def test_a_single_group_stays_in_training() -> None:
    assert not holdout(np.array([0, 0, 0, 1, 1]), np.array([4, 4, 4, 1, 2]), 0.9, 0)[:3].any()


@pytest.mark.parametrize("fraction", [0.0, 1.0, -0.1, 1.5, float("nan")])
def test_an_impossible_fraction(fraction: float) -> None:
    with pytest.raises(OptionError, match="between 0 and 1"):
        holdout(np.array([0, 1]), np.array([0, 1]), fraction, 0)


def test_shapes_must_agree() -> None:
    with pytest.raises(ValueError, match="equally long"):
        holdout(np.array([0, 1]), np.array([0]), 0.5, 0)


def test_rows_that_training_has_seen_are_leaked() -> None:
    assert leaked_rows(np.array([1, 2, 2]), np.array([3, 2, 1, 4])).tolist() == [False, True, True, False]


def test_each_class_of_two_rows_or_more_gives_one_and_the_others_stay() -> None:
    """Of 300 rows 30 are held out, and of the small classes one row each; what was held out before still is."""
    labels = np.array([0] * 148 + [1] * 148 + [2] * 2 + [3] + [4] * 4)
    groups = np.arange(len(labels))
    for seed in range(20):
        before = holdout(labels, groups, 0.1, seed)
        held = holdout(labels, groups, 0.1, seed, each_class=True)
        assert np.bincount(labels[before], minlength=5).tolist() == [15, 15, 0, 0, 0]
        assert np.bincount(labels[held], minlength=5).tolist() == [15, 15, 1, 0, 1]
        assert held[before].all()
        assert np.array_equal(held, holdout(labels, groups, 0.1, seed, each_class=True))
    chosen = {int(np.flatnonzero(holdout(labels, groups, 0.1, seed, each_class=True))[-1]) for seed in range(60)}
    assert chosen == {299, 300, 301, 302}


def test_of_many_small_classes_as_many_give_a_row_as_the_share_allows() -> None:
    labels = np.repeat(np.arange(50), [4] * 25 + [3] * 25)
    held = holdout(labels, np.arange(len(labels)), 0.1, 3, each_class=True)
    assert held.sum() == round(0.1 * len(labels)) == 18
    assert np.bincount(labels[held], minlength=50).max() == 1
    assert (labels[held] < 25).all()  # the larger classes first
    assert (
        len({tuple(np.flatnonzero(holdout(labels, np.arange(175), 0.1, seed, each_class=True))) for seed in range(9)})
        == 9
    )


def test_a_class_gives_a_whole_group_of_at_most_half_its_rows() -> None:
    labels = np.array([0] * 40 + [1] * 6 + [2] * 5)
    groups = np.r_[np.arange(40), [100] * 4, [101] * 2, [200] * 4, [201]]
    held = holdout(labels, groups, 0.1, 0, each_class=True)
    assert np.flatnonzero(held[40:]).tolist() == [4, 5, 10]
    labels, groups = np.array([0] * 40 + [1] * 4), np.r_[np.arange(40), [100] * 4]
    assert not holdout(labels, groups, 0.1, 0, each_class=True)[40:].any()  # its only group stays in training
