"""Which fold each row is in: as many of each class in every fold as there can be, groups of rows whole in one."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

SIZE = 0.1
"""How much a fold's size counts beside its share of each class."""


def fold_numbers(strata: NDArray[Any], together: NDArray[np.int64], of: int, seed: int) -> NDArray[np.int64]:
    """Return the fold of each row [N], from 0 to `of` - 1; none is empty where there are as many groups.

    strata: int [N], the class of each row, or bool [N, L], the labels that it has; together: [N], equal for rows of one
    group. Groups are dealt out one by one, the largest first and those of a size at random, each to the fold that has
    the least of its classes so far.
    """
    members = strata if strata.ndim == 2 else None
    _, codes = np.unique(strata, return_inverse=True) if members is None else (None, np.zeros(len(strata), int))
    totals = np.bincount(codes) if members is None else np.maximum(1, members.sum(axis=0))
    _, group_of, sizes = np.unique(together, return_inverse=True, return_counts=True)
    rows_by_group = np.split(np.argsort(group_of, kind="stable"), np.cumsum(sizes)[:-1])
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(sizes))
    order = order[np.argsort(-sizes[order], kind="stable")]
    filled, rows_in = np.zeros((of, len(totals))), np.zeros(of)
    numbers = np.empty(len(strata), dtype=np.int64)
    for group in order:
        rows = rows_by_group[group]
        if members is None:
            classes, counts = np.unique(codes[rows], return_counts=True)
        else:
            counted = members[rows].sum(axis=0)
            classes = np.flatnonzero(counted)
            counts = counted[classes]
        cost = filled[:, classes] @ (counts / totals[classes] ** 2) + SIZE * rows_in * len(rows) / len(strata) ** 2
        fold = int(cost.argmin())
        filled[fold, classes] += counts
        rows_in[fold] += len(rows)
        numbers[rows] = fold
    return numbers
