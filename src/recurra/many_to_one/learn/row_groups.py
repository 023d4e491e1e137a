"""Rows that belong together, such as those of one author: which, and how they are told of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.data.cell_column import CellColumn
from recurra.data.group_split import holdout_groups
from recurra.errors import OptionError
from recurra.many_to_one.corpus import Corpus
from recurra.terminal.counts import counted
from recurra.training.split import Mask, Parts, connected, numbered

FEWEST = 3
"""Groups that it takes: one each for training, validation and the rows that are held out."""
MOST_OF_ONE = 0.5
"""Share of the rows from which a group is told of."""
FAR = 1.5
"""A share that is held out is told of where it is more than so many times what was asked for, or less."""


@dataclass(frozen=True)
class RowGroups:
    """The groups of N rows. column: that names them; codes: [N], the group of each row, -1 where its cell is empty;
    together: [N], equal for rows that stay on one side: those of a group, and all groups that share a text."""

    column: CellColumn
    codes: NDArray[np.int64]
    together: NDArray[np.int64]

    @classmethod
    def of(cls, corpus: Corpus, column: str | None) -> RowGroups | None:
        """Return the groups of a sealed corpus by a column that was read beside the texts; None without one."""
        if column is None:
            return None
        cells = corpus.beside[column]
        codes = cells.codes
        alone = np.flatnonzero(codes < 0)
        numbers = codes.copy()
        numbers[alone] = len(cells.values) + np.arange(len(alone))
        return cls(cells, codes, connected(numbers, corpus.groups))

    def check(self, rows: NDArray[np.int64]) -> None:
        """Raise OptionError where too few groups of these rows could be told apart for three parts."""
        known = len(np.unique(self.together[rows]))
        if known < FEWEST:
            named = len(np.unique(self.codes[rows][self.codes[rows] >= 0]))
            shared = f", since those that share a text stay together ({named:,} are named)" if named > known else ""
            raise OptionError(
                f"--group {self.column.name}: the rows are of {known:,} group{'s' if known != 1 else ''}{shared}, and "
                f"it takes {FEWEST} at least: one to train on, one to validate with, and one to hold out. Name another "
                "column, or leave --group out."
            )

    def held_out(self, rows: NDArray[np.int64], strata: NDArray[Any], share: float, seed: int, left: int) -> Mask:
        """Return which of some rows to hold out: see `holdout_groups`. strata: of all rows.

        Raises OptionError where no group may be held out, since each has all rows of some stratum.
        """
        held = holdout_groups(strata[rows], self.together[rows], share, seed, left=left)
        if not held.any():
            raise OptionError(
                f"--group {self.column.name}: no group can be held out, since each of them has all rows of some label "
                "or number, which could then not be learnt. Name a column whose groups have several labels each, or "
                "leave --group out."
            )
        return held

    def in_words(self, parts: Parts, share: float, by: str, seed: int) -> str:
        """Return how a share was held out, and what is odd about the groups."""
        used = parts.train | parts.test
        held, every = (self._count(rows) for rows in (parts.test, used))
        got = float(parts.test.sum() / max(1, used.sum()))
        asked = f" ({share:.3g} of all was asked for)" if got > share * FAR or got * FAR < share else ""
        said = [
            f"{got:.1%} of the rows held out{asked}, whole groups of {self.column.name!r} ({held:,} of {every:,}), "
            f"stratified by {by} as far as these allow, repeats kept on one side, seed {seed}"
        ]
        return "; ".join([*said, *self.oddities(used)])

    def oddities(self, used: Mask) -> list[str]:
        """Return what is to be told of the groups of some rows, in parts of a sentence."""
        codes, said = self.codes[used], []
        if missing := int((codes < 0).sum()):
            said.append(f"{counted(missing, 'row')} without a cell in {self.column.name!r}, each a group of its own")
        sizes = np.bincount(codes[codes >= 0], minlength=1)
        if sizes.max() > MOST_OF_ONE * len(codes):
            said.append(
                f"one group has {sizes.max() / len(codes):.0%} of the rows, so that the parts are of other sizes and "
                "kinds than they would be without it"
            )
        named, apart = int((sizes > 0).sum()), len(np.unique(self.together[used & (self.codes >= 0)]))
        if apart < named:
            said.append(f"groups that share a text are kept together, which makes {apart:,} of {named:,}")
        return said

    def overlap(self, parts: Parts) -> list[str]:
        """Return what is to be told where the data say which rows are held out: groups on both sides, and rows of
        which that is not known."""
        unknown, held = int((parts.test & (self.codes < 0)).sum()), int(parts.test.sum())
        said = []
        if unknown:
            which = "no held-out row has" if unknown == held else f"{counted(unknown, 'held-out row')} without"
            said.append(
                f"{which} a cell in {self.column.name!r}, so that it cannot be told whether training has rows of the "
                "same group"
            )
        learnt = np.unique(self.codes[parts.train | parts.valid])
        shared = parts.test & np.isin(self.codes, learnt[learnt >= 0])
        if not shared.any():
            return said
        return [
            *said,
            f"{int(shared.sum()):,} held-out rows are of {len(np.unique(self.codes[shared])):,} groups of "
            f"{self.column.name!r} that training has rows of too, since the data say which rows are held out",
        ]

    def facts(self, parts: Parts) -> dict[str, Any]:
        """Return "group" of "split" in metrics.json: the column, and how many groups each part has."""
        return {"column": self.column.name} | {
            name: self._count(getattr(parts, name)) for name in ("train", "valid", "test")
        }

    def _count(self, rows: Mask) -> int:
        """Return how many groups some rows are of; each without a name counts."""
        codes = self.codes[rows]
        return len(np.unique(codes[codes >= 0])) + int((codes < 0).sum())


def group_numbers(groups: Any, rows: int) -> NDArray[np.int64]:
    """Return a number for the group of each of the rows that an estimator was given [n], equal where groups are.

    Raises OptionError where there is not one for each row, or fewer than two groups.
    """
    given: Sequence[object] = np.asarray(groups, dtype=object).tolist() if np.ndim(groups) == 1 else []
    if len(given) != rows:
        raise OptionError(f"groups must hold one value for each of the {rows:,} texts; got shape {np.shape(groups)}.")
    numbers = numbered(given)
    if len(set(numbers.tolist())) < 2:
        raise OptionError("groups holds one group alone: it takes two, one to train on and one to validate with.")
    return numbers


def validating(
    corpus: Corpus, numbers: NDArray[np.int64], strata: NDArray[Any], share: float, seed: int
) -> NDArray[np.bool_]:
    """Return which rows of a corpus [N] an estimator validates with: whole groups, and equal texts on one side.

    numbers: of `group_numbers`, of the corpus's rows [N]; strata: int [N] or bool [N, L].
    """
    return holdout_groups(strata, connected(numbers, corpus.groups), share, seed)
