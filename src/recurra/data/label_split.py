"""Which rows of several labels each are held out: iterative stratification, groups of equal texts whole on one side.

Rows are given out label by label, the label with the fewest rows left first, each to the part that lacks most of that
label: so rare labels are in both parts in the share that is asked for, which a random draw does not see to. Source:
Sechidis, Tsoumakas and Vlahavas, 2011, On the stratification of multi-label data.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recurra.data.split import Mask
from recurra.errors import OptionError

TRAIN, HELD = 0, 1

Floats = NDArray[np.float64]


def holdout_labels(members: NDArray[np.bool_], groups: NDArray[np.int64], fraction: float, seed: int) -> Mask:
    """Return bool [N]: True for the rows that are held out.

    members: [N, L], which labels each row has; a row may have none. groups: int64 [N]; rows of one group stay together,
    and count with all of their labels. A label never leaves training: one of its groups stays there, and so does one
    group of all. The result is the same for the same rows and seed. Raises OptionError for a fraction outside (0, 1).
    """
    if not 0 < fraction < 1:
        raise OptionError(f"The share to hold out must lie between 0 and 1, not {fraction}.")
    members, groups = np.asarray(members, dtype=np.bool_), np.asarray(groups)
    if members.ndim != 2 or groups.shape != members.shape[:1]:
        raise ValueError(f"members {members.shape} and groups {groups.shape} must have as many rows")
    if not len(members):
        return np.zeros(0, dtype=np.bool_)
    units = _Units(members, groups)
    part = _given_out(units, fraction, np.random.default_rng(seed))
    return np.asarray(part[units.group_of] == HELD)


class _Units:
    """The groups as they are given out.

    group_of: [N], the number of each row's group, in order of appearance; sizes: [G] rows; start, label, count: the
    labels of each group and on how many of its rows each is, group g's from start[g] to start[g + 1]; totals: [L].
    """

    def __init__(self, members: NDArray[np.bool_], groups: NDArray[np.int64]) -> None:
        _, first, found = np.unique(groups, return_index=True, return_inverse=True)
        rank = np.empty(len(first), dtype=np.int64)
        rank[np.argsort(first, kind="stable")] = np.arange(len(first))
        self.group_of = rank[found]
        self.labels = members.shape[1]
        self.sizes = np.bincount(self.group_of)
        row, label = np.nonzero(members)
        pairs, self.count = np.unique(self.group_of[row] * np.int64(self.labels) + label, return_counts=True)
        owner, self.label = np.divmod(pairs, max(1, self.labels))
        self.start = np.searchsorted(owner, np.arange(len(self.sizes) + 1))
        self.totals = np.bincount(self.label, weights=self.count, minlength=self.labels).astype(np.int64)
        self.owner = owner

    def of(self, group: int) -> slice:
        """Return where the labels of a group lie."""
        return slice(int(self.start[group]), int(self.start[group + 1]))


def _given_out(units: _Units, fraction: float, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return the part of each group [G]."""
    shares = np.array([1 - fraction, fraction])
    wanted: Floats = shares * units.sizes.sum()  # rows that each part still lacks
    by_label: Floats = shares[:, None] * units.totals  # [2, L], the same of each label
    left = units.totals.copy()
    part = np.full(len(units.sizes), -1, dtype=np.int64)
    kept = np.zeros(units.labels, dtype=np.int64)  # groups of each label in training
    by_group = np.argsort(units.label, kind="stable")  # the pairs of each label together
    begins = np.searchsorted(units.label[by_group], np.arange(units.labels + 1))

    def give(group: int, chosen: int) -> None:
        mine = units.of(group)
        labels, counts = units.label[mine], units.count[mine]
        part[group] = chosen
        wanted[chosen] -= units.sizes[group]
        by_label[chosen, labels] -= counts
        left[labels] -= counts
        if chosen == TRAIN:
            kept[labels] += 1

    while left.any():
        rarest = int(np.argmin(np.where(left > 0, left, np.iinfo(np.int64).max)))
        mine = units.owner[by_group[begins[rarest] : begins[rarest + 1]]]
        mine = mine[part[mine] < 0]
        for group in mine[rng.permutation(len(mine))]:
            give(int(group), _part(by_label[:, rarest], wanted, rng))
    rest = np.flatnonzero(part < 0)  # without labels
    for group in rest[rng.permutation(len(rest))]:
        give(int(group), _part(wanted, wanted, rng))
    _keep_each_label(units, part, kept)
    return part


def _part(first: Floats, second: Floats, rng: np.random.Generator) -> int:
    """Return the part that lacks most: of the label, or else of all rows, or else by chance."""
    for lacking in (first, second):
        if abs(lacking[HELD] - lacking[TRAIN]) > 1e-9:
            return HELD if lacking[HELD] > lacking[TRAIN] else TRAIN
    return int(rng.integers(2))


def _keep_each_label(units: _Units, part: NDArray[np.int64], kept: NDArray[np.int64]) -> None:
    """Move the smallest group of each label that training lacks there; and one of all, where all are held out."""
    for label in np.flatnonzero((kept == 0) & (units.totals > 0)):
        mine = units.owner[units.label == label]
        if (part[mine] == HELD).all():
            part[mine[np.argmin(units.sizes[mine])]] = TRAIN
    if (part == HELD).all():
        part[np.argmin(units.sizes)] = TRAIN
