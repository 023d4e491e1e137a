"""Which rows are held out: stratified by label, groups of equal texts whole on one side, the same for the same seed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recurra.errors import OptionError

Labels = NDArray[np.integer]
Mask = NDArray[np.bool_]


def holdout(labels: Labels, groups: NDArray[np.int64], fraction: float, seed: int, *, each_class: bool = False) -> Mask:
    """Return bool [N]: True for the rows that are held out.

    labels: int [N], the class of each row. groups: int64 [N]; rows of one group stay together (a group that carries
    several labels counts under its most common one, the smallest of equals). Of each class round(fraction * rows)
    rows are held out: exactly, if every group is one row; at most that otherwise, fewer by less than a group's size.
    A class never leaves training: its only group stays there. each_class: whether classes of two groups or more that
    have no row held out so get one group held out, the largest classes first, as long as these are no more rows than
    `fraction` of all; the other rows are the same either way. Raises OptionError for a fraction outside (0, 1).
    """
    if not 0 < fraction < 1:
        raise OptionError(f"The share to hold out must lie between 0 and 1, not {fraction}.")
    labels, groups = np.asarray(labels), np.asarray(groups)
    if labels.ndim != 1 or labels.shape != groups.shape:
        raise ValueError(f"labels {labels.shape} and groups {groups.shape} must be one-dimensional and equally long")
    if not len(labels):
        return np.zeros(0, dtype=np.bool_)
    _, classes = np.unique(labels, return_inverse=True)
    _, first, group_of = np.unique(groups, return_index=True, return_inverse=True)
    n_classes, n_groups = int(classes.max()) + 1, len(first)
    home = _home_class(classes, group_of, n_classes, n_groups)
    sizes = np.bincount(group_of, minlength=n_groups)
    appearance = np.argsort(first, kind="stable")  # the groups in the order of their first rows
    rng = np.random.default_rng(seed)
    held = np.zeros(n_groups, dtype=np.bool_)
    for c in range(n_classes):
        mine = appearance[home[appearance] == c]
        target = min(round(fraction * int(sizes[mine].sum())), int(sizes[mine].sum()) - 1)
        shuffled = mine[rng.permutation(len(mine))]
        if len(mine) > 1:
            held[_fill(shuffled, sizes, target)] = True
    if each_class:
        _hold_one_of_each(held, home, sizes, round(fraction * len(labels)), rng)
    return held[group_of]


def _hold_one_of_each(
    held: Mask, home: NDArray[np.intp], sizes: NDArray[np.intp], most: int, rng: np.random.Generator
) -> None:
    """Hold out the smallest group of each class that has none held out, if it is at most half of the class's rows."""
    rows = np.bincount(home, weights=sizes).astype(np.int64)
    bare = np.flatnonzero((np.bincount(home, weights=held) == 0) & (np.bincount(home) > 1))
    order = rng.permutation(len(bare))
    for c in bare[order[np.argsort(-rows[bare[order]], kind="stable")]]:
        mine = rng.permutation(np.flatnonzero(home == c))
        group = mine[sizes[mine].argmin()]
        if sizes[group] * 2 <= rows[c] and sizes[group] <= most:
            held[group] = True
            most -= int(sizes[group])


def leaked_rows(train_groups: NDArray[np.int64], test_groups: NDArray[np.int64]) -> Mask:
    """Return bool [rows of test]: True for a test row whose group is also in training, and so must go."""
    return np.isin(test_groups, train_groups)


def _home_class(
    classes: NDArray[np.intp], group_of: NDArray[np.intp], n_classes: int, n_groups: int
) -> NDArray[np.intp]:
    """Return [n_groups]: the most common class of each group's rows, the smallest of equals."""
    pairs, counts = np.unique(group_of.astype(np.int64) * n_classes + classes, return_counts=True)
    group, label = np.divmod(pairs, n_classes)
    home = np.zeros(n_groups, dtype=np.intp)
    order = np.lexsort((-label, counts, group))  # the last of each group is its most common, smallest class
    home[group[order]] = label[order]
    return home


def _fill(shuffled: NDArray[np.intp], sizes: NDArray[np.intp], target: int) -> NDArray[np.intp]:
    """Return groups in the shuffled order, each taken if it still fits, until `target` rows are full."""
    whole = int(np.searchsorted(np.cumsum(sizes[shuffled]), target, side="right"))
    chosen = list(shuffled[:whole])
    left = target - int(sizes[shuffled[:whole]].sum())
    for group in shuffled[whole:]:
        if left <= 0:
            break
        if sizes[group] <= left:
            chosen.append(group)
            left -= int(sizes[group])
    return np.array(chosen, dtype=np.intp)
