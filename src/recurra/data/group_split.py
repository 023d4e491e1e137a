"""Which whole groups of rows are held out, so that as many rows as asked for are, of each stratum the same share.

Groups such as the authors of texts are large and few beside groups of equal texts, so that shares cannot be exact. Of
several random orders, groups are taken one after another where that brings the held-out rows nearer to the asked share
of all rows and of each stratum, by chi-squared; the best order wins.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recurra.data.split import Mask
from recurra.errors import OptionError

MOST_STEPS = 200_000
MOST_ORDERS = 50
"""Orders that are tried: fewer where there are many groups, which fill any share well."""

Floats = NDArray[np.float64]


def holdout_groups(
    strata: NDArray[np.generic], groups: NDArray[np.int64], fraction: float, seed: int, *, left: int = 1
) -> Mask:
    """Return bool [N]: True for the rows that are held out, whole groups of them.

    strata: int [N], the class of each row, or bool [N, L], which labels it has. groups: [N], equal for rows of one
    group. left: groups that are not held out, at least. No stratum leaves training: one of its groups stays there.
    None is held out only where these two allow none. The same for the same rows and seed. Raises OptionError for a
    fraction outside (0, 1).
    """
    if not 0 < fraction < 1:
        raise OptionError(f"The share to hold out must lie between 0 and 1, not {fraction}.")
    strata, groups = np.asarray(strata), np.asarray(groups)
    if groups.ndim != 1 or strata.shape[:1] != groups.shape:
        raise ValueError(f"strata {strata.shape} and groups {groups.shape} must have as many rows")
    if not len(groups):
        return np.zeros(0, dtype=np.bool_)
    _, first, found = np.unique(groups, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first, kind="stable")] = np.arange(len(first))
    of_row = rank[found]
    counts = _Counts(strata, of_row, fraction)
    rng, best, least = np.random.default_rng(seed), np.zeros(len(first), dtype=np.bool_), np.inf
    for _ in range(max(1, min(MOST_ORDERS, MOST_STEPS // len(counts.stratum)))):
        held, cost = counts.filled(rng.permutation(len(first)), left)
        if held.any() and cost < least - 1e-9:
            best, least = held, cost
    if not best.any():
        best = counts.smallest(rng.permutation(len(first)), left)
    return np.asarray(best[of_row])


class _Counts:
    """How many rows of each stratum each group has; the last stratum is that of all rows.

    start, stratum, count: group g's are from start[g] to start[g + 1]; target: [K + 1] rows of each to hold out.
    """

    def __init__(self, strata: NDArray[np.generic], of_row: NDArray[np.int64], fraction: float) -> None:
        rows = np.arange(len(of_row))
        if strata.ndim == 1:
            classes, stratum = np.unique(strata, return_inverse=True)
            row, every = rows, len(classes)
        else:
            row, stratum = np.nonzero(strata)
            every = strata.shape[1]
        whole = np.concatenate([of_row[row] * (every + 1) + stratum, of_row * (every + 1) + every])
        pairs, self.count = np.unique(whole, return_counts=True)
        owner, self.stratum = np.divmod(pairs, every + 1)
        self.groups = int(of_row.max()) + 1
        self.start = np.searchsorted(owner, np.arange(self.groups + 1))
        totals = np.bincount(self.stratum, weights=self.count, minlength=every + 1)
        self.target: Floats = np.maximum(fraction * totals, 1e-9)
        self.having = np.bincount(self.stratum, minlength=every + 1)

    def filled(self, order: NDArray[np.int64], left: int) -> tuple[Mask, float]:
        """Return which groups [G] are taken in an order, and how far the result is from the target."""
        held, remaining, groups_left = np.zeros(len(self.target)), self.having.copy(), self.groups
        taken = np.zeros(self.groups, dtype=np.bool_)
        for group in order.tolist():
            mine = slice(self.start[group], self.start[group + 1])
            stratum, count = self.stratum[mine], self.count[mine]
            nearer = (count * (count + 2 * (held[stratum] - self.target[stratum])) / self.target[stratum]).sum()
            if nearer < 0 and groups_left > left and remaining[stratum].min() > 1:
                held[stratum] += count
                remaining[stratum] -= 1
                groups_left -= 1
                taken[group] = True
        return taken, float(((held - self.target) ** 2 / self.target).sum())

    def smallest(self, order: NDArray[np.int64], left: int) -> Mask:
        """Return the one group that may be held out and is nearest to the target, where each is too large; none where
        none may be."""
        taken, least = np.zeros(self.groups, dtype=np.bool_), np.inf
        for group in order.tolist():
            mine = slice(self.start[group], self.start[group + 1])
            if self.groups > left and self.having[self.stratum[mine]].min() > 1 and self.count[mine][-1] < least:
                least = self.count[mine][-1]
                taken[:] = False
                taken[group] = True
        return taken
