"""The default number of epochs."""

from __future__ import annotations

from dataclasses import dataclass

from recurra.options.training import FitOptions


@dataclass(frozen=True)
class EpochBudget:
    """The default number of epochs of a task: fewer where there are more rows.

    rows: that all epochs together read about; fewest, most: the bounds.
    """

    rows: int
    fewest: int = 2
    most: int = 20

    def epochs(self, options: FitOptions, rows: int) -> int:
        """Return how many epochs `rows` training rows (or symbols) are read: `options.epochs`, or the default."""
        return options.epochs or min(self.most, max(self.fewest, round(self.rows / rows)))
