"""The division by time: the oldest rows train, those after them validate, and the newest are held out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.data.cell_column import CellColumn
from recurra.data.split import leaked_rows
from recurra.data.time_cells import ACCEPTED, NotATime, times_of
from recurra.errors import DataError, OptionError, brief
from recurra.many_to_one.corpus import Corpus
from recurra.many_to_one.learn.row_groups import RowGroups
from recurra.terminal.counts import counted
from recurra.training.split import Mask, Parts

FEWEST = 3
"""Different times that it takes: one each for training, validation and the rows that are held out."""

Rows = NDArray[np.int64]


@dataclass(frozen=True)
class RowTimes:
    """The times of N rows. column: that holds them; times: [N], numbers in their order, equal for equal times."""

    column: CellColumn
    times: NDArray[np.float64]

    @classmethod
    def of(cls, corpus: Corpus, column: str | None) -> RowTimes | None:
        """Return the times of a sealed corpus by a column that was read beside the texts; None without one.

        Raises DataError, with the row, for a cell that is empty or that cannot be read.
        """
        if column is None:
            return None
        cells = corpus.beside[column]
        codes = cells.codes
        where = f"--split-by-time {column}"
        if (codes < 0).any():
            row = int(corpus.sources[int(np.argmax(codes < 0))])
            raise DataError(
                f"{where}: row {row:,} has no time ({int((codes < 0).sum()):,} rows have none). Fill the column, or "
                "leave such rows out of the data."
            )
        try:
            numbers = times_of(cells.values)
        except NotATime as error:
            row = int(corpus.sources[int(np.argmax(codes == error.place))])
            raise DataError(
                f"{where}: row {row:,} holds {brief(cells.values[error.place])}: {error}. Accepted are {ACCEPTED}, all "
                "in one form."
            ) from None
        return cls(cells, numbers[codes])

    def newest(self, rows: Rows, share: float) -> NDArray[np.bool_]:
        """Return which of some rows are the newest: as many as come nearest to a share of them, rows of one time on one
        side, and at least one time on each."""
        values, counts = np.unique(self.times[rows], return_counts=True)
        after = np.cumsum(counts[::-1])[:-1]  # rows of the newest 1, 2, ... times
        if not len(after):
            return np.zeros(len(rows), dtype=np.bool_)
        cut = values[-1 - int(np.abs(after - share * len(rows)).argmin())]
        return np.asarray(self.times[rows] >= cut)

    def parts(self, corpus: Corpus, rows: Rows, split: float, valid: float, groups: RowGroups | None) -> Parts:
        """Return the parts of some of the rows. split, valid: the shares of all of them, and of those that are left.

        A text that training has is left out of what validates and is held out, and so is, where there are groups, what
        is of a group that training has rows of. Raises OptionError for fewer than three different times.
        """
        known = len(np.unique(self.times[rows]))
        if known < FEWEST:
            raise OptionError(
                f"--split-by-time {self.column.name}: the rows have {known:,} different time{'s' if known != 1 else ''}"
                f", and it takes {FEWEST} at least: to train on, to validate with, and to hold out. Name another "
                "column, or leave the option out."
            )
        test, train, validating = (np.zeros(len(corpus), dtype=np.bool_) for _ in range(3))
        if split:
            test[rows[self.newest(rows, split)]] = True
        learnt = rows[~test[rows]]
        train[learnt] = True
        validating[learnt[self.newest(learnt, valid)]] = True
        train &= ~validating
        found = Parts(train, validating, test, "", 0)
        found.more["time"] = self.facts(found)
        together = corpus.groups if groups is None else groups.together
        again = validating & leaked_rows(together[train], together)
        validating &= ~again
        repeats = test & leaked_rows(together[train | validating], together)
        test &= ~repeats
        found.leaked = int(repeats.sum())
        for part, name, left_out in ((test, "held out", repeats), (validating, "to validate with", again)):
            if groups is not None and left_out.any() and not part.any():
                raise OptionError(
                    f"--group {groups.column.name} with --split-by-time {self.column.name}: no row is left {name}, "
                    f"since all {counted(int(left_out.sum()), 'newer row')} have a text or a group that older rows "
                    "have. Leave one of the two options out, or give a larger --split and --valid."
                )
        found.how = self.in_words(found, int(again.sum()), split, groups)
        return found

    def in_words(self, parts: Parts, copied: int, split: float, groups: RowGroups | None) -> str:
        """Return how the rows were divided."""
        ends = parts.more["time"]
        between = {name: " to ".join(dict.fromkeys(ends[name])) for name in ("train", "valid", "test") if ends[name]}
        said = [
            f"by the times in {self.column.name!r}: the oldest rows train ({between['train']}), those after them "
            f"validate ({between.get('valid', 'none')})"
            + (
                f", the newest are held out ({between['test']}; {split:.3g} of the rows were asked for)"
                if split
                else ""
            )
            + "; rows of one time are in one part"
        ]
        why = "repeat a training text" if groups is None else "have a text or a group that training has"
        if copied:
            said.append(f"{counted(copied, 'validation row')} left out, which {why}")
        if parts.leaked:
            said.append(f"{counted(parts.leaked, 'held-out row')} not counted, which {why}")
        if groups is not None:
            said += groups.oddities(parts.train | parts.valid | parts.test)
        return "; ".join(said)

    def facts(self, parts: Parts) -> dict[str, Any]:
        """Return "time" of "split" in metrics.json: the column, and the first and the last time of each part, as the
        table writes them; [] for a part without rows."""
        return {"column": self.column.name} | {
            name: self._ends(getattr(parts, name)) for name in ("train", "valid", "test")
        }

    def _ends(self, part: Mask) -> list[str]:
        rows = np.flatnonzero(part)
        if not len(rows):
            return []
        codes, times = self.column.codes, self.times[rows]
        return [self.column.values[int(codes[rows[place]])] for place in (int(times.argmin()), int(times.argmax()))]
