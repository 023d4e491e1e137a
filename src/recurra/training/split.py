"""Which rows train, validate and test, and the sentences about it: what the tasks that learn from rows share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.options.holdout import MAX_VALID_ROWS

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Fold:
    """Which of the folds of all rows is held out: `number` of `of`, from 0. The one after the last holds out none: the
    model is then trained on all rows."""

    number: int
    of: int

    @property
    def holds_out(self) -> bool:
        """Whether rows are held out."""
        return self.number < self.of

    def in_words(self, by: str, seed: int) -> str:
        """Return how the rows are divided."""
        if not self.holds_out:
            return (
                f"{self.of} folds, each row held out once, stratified by {by}, repeats kept together, seed {seed}; the "
                "model itself is trained on all rows, apart from those that validate"
            )
        return f"fold {self.number + 1} of {self.of} held out"


@dataclass
class Parts:
    """The parts of N rows, [N] bool each; a row may be in none.

    how: the division in words. leaked: held-out rows that were left out since training has them too; None where the
    task leaves none out.
    """

    train: Mask
    valid: Mask
    test: Mask
    how: str
    leaked: int | None = None
    more: dict[str, Any] = field(default_factory=dict)
    """Of the division for metrics.json, such as the groups of each part."""

    def counts(self) -> dict[str, Any]:
        """Return "split" of metrics.json."""
        return {
            "how": self.how,
            "train": int(self.train.sum()),
            "valid": int(self.valid.sum()),
            "test": int(self.test.sum()),
            **({} if self.leaked is None else {"left_out_of_test_as_repeats": self.leaked}),
            **self.more,
        }

    def digest_bytes(self) -> bytes:
        """Return bytes that differ where the division does."""
        return np.packbits([self.train, self.valid, self.test]).tobytes()


def validation_share(valid: float, rows: int) -> float:
    """Return the share of `rows` training rows to validate with: `valid`, or less where that is too many rows."""
    return min(valid, MAX_VALID_ROWS / max(1, rows))


def draw(rows: NDArray[np.int64], most: int | None, seed: int) -> NDArray[np.int64]:
    """Return `most` of the row numbers at random, in their order; all of them where there are no more, or for None."""
    if most is None or most >= len(rows):
        return rows
    return np.sort(np.random.default_rng(seed).choice(rows, most, replace=False))


def numbered(names: Sequence[object]) -> NDArray[np.int64]:
    """Return a number for each name [N], equal for equal names, in the order of their first."""
    seen: dict[object, int] = {}
    return np.array([seen.setdefault(name, len(seen)) for name in names], dtype=np.int64)


def connected(*groupings: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return a number for each of N rows, equal for rows that are in one group of any of the groupings, [N] each, and
    for those that others join: the connected components."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    rows, first, ends = np.arange(len(groupings[0])), [], len(groupings[0])
    for grouping in groupings:
        _, of_row = np.unique(grouping, return_inverse=True)
        first.append(of_row + ends)
        ends += int(of_row.max(initial=-1)) + 1
    edges = (np.tile(rows, len(groupings)), np.concatenate(first))
    _, found = connected_components(coo_array((np.ones(len(edges[0]), np.int8), edges), (ends, ends)), directed=False)
    return np.asarray(found[: len(rows)], dtype=np.int64)


def whole_groups(groups: NDArray[np.int64], share: float, seed: int) -> Mask:
    """Return which of N rows are held out: those of as many groups, drawn at random, as make about `share` of the rows;
    at least one group, and not all. groups: [N], see `numbered`."""
    order = np.random.default_rng(seed).permutation(int(groups.max()) + 1)
    sizes = np.bincount(groups)[order]
    so_far = np.cumsum(sizes)
    count = int(np.argmin(np.abs(so_far - share * len(groups)))) + 1
    chosen = order[: min(count, len(order) - 1)]
    return np.isin(groups, chosen)


def share_in_words(split: float, unit: str, together: str, seed: int, strata: str = "") -> str:
    """Return how a share was held out.

    unit: what is counted, in the plural; together: what stays on one side; strata: what the share is the same of.
    """
    stratified = f"stratified by {strata}, " if strata else ""
    return f"{split * 100:.3g}% of the {unit} held out, {stratified}{together} kept on one side, seed {seed}"


def file_in_words(test: str) -> str:
    """Return how a file was held out."""
    return f"held out: {test}"
